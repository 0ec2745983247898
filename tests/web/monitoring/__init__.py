"""Pages of plan against actual."""
