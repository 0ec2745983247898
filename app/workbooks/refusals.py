"""Why a workbook is not read, in words that say what to do about it."""

from __future__ import annotations

from typing import Any

from app.kernel.text import Text
from app.workbooks.facts import Refusal

_SAVE_AGAIN = Text(
    "กรุณาเปิดด้วย Excel หรือ LibreOffice แล้วบันทึกใหม่เป็น .xlsx",
    "Please open it in Excel or LibreOffice and save it again as .xlsx",
)
_FRESH = Text(
    "กรุณาดาวน์โหลดแบบกรอกใหม่จากระบบ แล้วคัดลอกเฉพาะค่าไปวาง",
    "Please download a fresh template from the system and paste the values only into it",
)

REFUSALS: dict[str, Text] = {
    "empty": Text("ไฟล์นี้ว่างเปล่า กรุณาเลือกไฟล์ใหม่", "This file is empty. Please choose the file again"),
    "too_big": Text(
        "ไฟล์นี้ใหญ่เกิน {most} เมกะไบต์ กรุณาลบแผ่นงาน รูปภาพ หรือแถวที่ไม่เกี่ยวข้องออก",
        "This file is larger than {most} MB. Please remove sheets, pictures or rows that do not belong to it",
    ),
    "not_workbook": Text(
        "ไฟล์นี้ไม่ใช่ไฟล์ Excel (.xlsx) {again}", "This file is not an Excel workbook (.xlsx). {again}"
    ),
    "old_excel": Text("ไฟล์นี้เป็น Excel รุ่นเก่า (.xls) {again}", "This is an old Excel file (.xls). {again}"),
    "binary_excel": Text(
        "ไฟล์นี้เป็น Excel แบบไบนารี (.xlsb) {again}", "This is a binary Excel file (.xlsb). {again}"
    ),
    "opendocument": Text(
        "ไฟล์นี้เป็น OpenDocument (.ods) {again}", "This is an OpenDocument file (.ods). {again}"
    ),
    "encrypted": Text(
        "ไฟล์นี้มีรหัสผ่าน กรุณานำรหัสผ่านออกแล้วบันทึกใหม่",
        "This file is protected by a password. Please remove the password and save it again",
    ),
    "damaged": Text("ไฟล์นี้เสียหายหรือไม่ครบ {again}", "This file is damaged or incomplete. {again}"),
    "strange": Text(
        "โครงสร้างของไฟล์นี้ผิดไปจากที่โปรแกรมตารางคำนวณบันทึก {again}",
        "This file is not put together as spreadsheet programs save it. {again}",
    ),
    "macros": Text(
        "ไฟล์นี้มีมาโคร ระบบไม่รับมาโคร {fresh}", "This file contains macros, which are not accepted. {fresh}"
    ),
    "links": Text(
        "ไฟล์นี้เชื่อมไปยังไฟล์หรือข้อมูลอื่น กรุณาตัดการเชื่อมโยง (ข้อมูล > แก้ไขการเชื่อมโยง) แล้วบันทึกใหม่",
        "This file links to other files or data. Please break the links (Data > Edit Links) and save it again",
    ),
    "embedded": Text(
        "ไฟล์นี้มีวัตถุฝังอยู่ (เอกสารหรือตัวควบคุม) กรุณาลบออกแล้วบันทึกใหม่",
        "This file has embedded objects (documents or controls). Please remove them and save it again",
    ),
    "bomb": Text("ไฟล์นี้ขยายตัวเกินขนาดที่รับได้ {fresh}", "This file unpacks to more than can be accepted. {fresh}"),
    "too_many_parts": Text("ไฟล์นี้มีส่วนประกอบมากเกินไป {fresh}", "This file is made of too many parts. {fresh}"),
    "declarations": Text(
        "ไฟล์นี้มีคำประกาศ XML ที่ไม่รับ (DOCTYPE) {fresh}",
        "This file carries XML declarations that are not accepted (DOCTYPE). {fresh}",
    ),
    "too_many_rows": Text(
        "แผ่นงาน “{sheet}” มีข้อมูลถึงแถวที่ {row} แต่รับได้ไม่เกินแถวที่ {most} กรุณาลบข้อมูลที่เกินออก",
        "Sheet “{sheet}” has something in row {row}, but no more than {most} rows are accepted. Please delete what is "
        "below",
    ),
    "too_many_columns": Text(
        "แผ่นงาน “{sheet}” มีข้อมูลในเซลล์ {cell} ซึ่งอยู่ไกลเกินคอลัมน์ที่รับได้ กรุณาลบออก",
        "Sheet “{sheet}” has something in cell {cell}, further right than is accepted. Please delete it",
    ),
    "too_many_cells": Text(
        "ไฟล์นี้มีเซลล์ที่จัดรูปแบบหรือมีข้อมูลมากเกินไป {fresh}",
        "This file has too many formatted or filled cells. {fresh}",
    ),
    "too_much_text": Text(
        "ไฟล์นี้มีข้อความมากเกินกว่าที่รับได้ {fresh}", "This file holds more text than can be accepted. {fresh}"
    ),
    "not_template": Text(
        "ไฟล์นี้ไม่ใช่แบบกรอกของระบบ หรือส่วนที่ระบุตัวแบบถูกแก้ไข {fresh}",
        "This file is not a template of this system, or the part that identifies it was changed. {fresh}",
    ),
    "other_kind": Text(
        "ไฟล์นี้เป็นแบบกรอกชนิดอื่น กรุณาดาวน์โหลดแบบกรอกจากหน้านี้",
        "This is a template for something else. Please download the template from this page",
    ),
    "other_identity": Text(
        "แบบกรอกนี้ไม่ใช่ของรายการที่กำลังนำเข้า {differences} กรุณาดาวน์โหลดแบบกรอกจากหน้านี้",
        "This template belongs elsewhere: {differences} Please download the template from this page",
    ),
    "too_slow": Text(
        "อ่านไฟล์นี้ไม่เสร็จในเวลาที่กำหนด {fresh}", "This file could not be read in the time allowed. {fresh}"
    ),
    "too_heavy": Text(
        "อ่านไฟล์นี้ต้องใช้หน่วยความจำเกินกำหนด {fresh}",
        "Reading this file takes more memory than is allowed. {fresh}",
    ),
    "unreadable": Text("อ่านไฟล์นี้ไม่ได้ {again}", "This file could not be read. {again}"),
    "busy": Text(
        "ขณะนี้มีผู้นำเข้าไฟล์พร้อมกันหลายราย กรุณาลองใหม่ในอีกสักครู่",
        "Several files are being read just now. Please try again in a moment",
    ),
}


def refuse(code: str, **values: Any) -> Refusal:
    """The refusal `code` with its words filled in."""
    return Refusal(code, REFUSALS[code].fill(again=_SAVE_AGAIN, fresh=_FRESH, **values))
