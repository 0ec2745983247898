"""The audit log's actions in words; an action stands in the log by its code, which never changes."""

from __future__ import annotations

from app.kernel.text import Text

AUDIT_WORDS: dict[str, Text] = {
    "sign_in": Text("เข้าสู่ระบบ", "Signed in"),
    "fail_sign_in": Text("เข้าสู่ระบบไม่สำเร็จ", "Failed to sign in"),
    "sign_out": Text("ออกจากระบบ", "Signed out"),
    "change_password": Text("เปลี่ยนรหัสผ่าน", "Changed the password"),
    "invite_person": Text("เชิญผู้ใช้", "Invited somebody"),
    "renew_invitation": Text("ออกลิงก์คำเชิญใหม่", "Made a new invitation link"),
    "accept_invitation": Text("ตอบรับคำเชิญ", "Accepted an invitation"),
    "disable_person": Text("ระงับบัญชี", "Disabled an account"),
    "enable_person": Text("เปิดใช้บัญชีอีกครั้ง", "Enabled an account again"),
    "add_ministry": Text("เพิ่มกระทรวง", "Added a ministry"),
    "add_agency": Text("เพิ่มหน่วยงาน", "Added an agency"),
    "add_demo_person": Text("เพิ่มผู้ใช้สาธิต", "Added a demo person"),
    "load_document": Text("นำเข้าเอกสารของรอบ", "Loaded a document of the call"),
    "open_call": Text("เปิดรอบคำขอ", "Opened a call"),
    "extend_call": Text("ขยายเวลาปิดรับ", "Extended a call"),
    "end_extension": Text("ยุติการขยายเวลา", "Ended an extension"),
    "create_proposal": Text("เริ่มข้อเสนอโครงการ", "Began a proposal"),
    "save_section": Text("บันทึกร่าง", "Saved a draft section"),
    "attach_file": Text("แนบไฟล์", "Attached a file"),
    "remove_attachment": Text("ลบไฟล์แนบ", "Removed an attachment"),
    "freeze_submission": Text("ยื่นข้อเสนอโครงการ", "Filed a proposal"),
    "move_proposal": Text("เปลี่ยนสถานะข้อเสนอ", "Moved a proposal"),
    "screen_proposal": Text("กลั่นกรองข้อเสนอ", "Screened a proposal"),
    "screen_call": Text("กลั่นกรองทั้งรอบ", "Screened a whole call"),
    "override_finding": Text("ปรับข้อตรวจพบ", "Overrode a finding"),
    "assign_reviewer": Text("มอบหมายผู้พิจารณา", "Assigned a reviewer"),
    "withdraw_assignment": Text("ถอนการมอบหมาย", "Withdrew an assignment"),
    "save_review": Text("บันทึกร่างคะแนน", "Saved a draft review"),
    "submit_review": Text("ส่งคะแนน", "Submitted a review"),
    "order_paper": Text("สั่งจัดทำเอกสาร", "Ordered a paper"),
    "print_paper": Text("จัดทำเอกสารเสร็จ", "Made a paper"),
    "fail_paper": Text("จัดทำเอกสารไม่สำเร็จ", "Failed to make a paper"),
    "record_decision": Text("บันทึกมติ", "Recorded a decision"),
}
