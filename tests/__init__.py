"""The tests mirror the rooms; `journeys` drive a real browser, `law` keeps house."""
