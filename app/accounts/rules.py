"""Roles and what each may do: one table, read by services, pages and tests."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    ADMIN = "admin"
    APPROVER = "approver"
    CONTROLLER = "controller"
    EMPLOYEE = "employee"
    FURNITURE_MANAGER = "furniture_manager"
    MOVER = "mover"
    PROJECT_MANAGER = "project_manager"
    SURVEYOR = "surveyor"


class Permission(StrEnum):
    CASE_HANDLE = "case:handle"
    CODE_BIND = "code:bind"
    DISPOSAL_SIGN = "disposal:sign"
    EXPORT = "export:make"
    FOUND_REPORT_HANDLE = "found_report:handle"
    GOAL_SET = "goal:set"
    HANDOVER_MAKE = "handover:make"
    IMPORT = "import:make"
    ITEM_ASSESS = "item:assess"
    ITEM_EDIT = "item:edit"
    ITEM_MERGE = "item:merge"
    ITEM_READ = "item:read"
    ITEM_REGISTER = "item:register"
    LABEL_PRINT = "label:print"
    LISTING_PUBLISH = "listing:publish"
    MODEL_EDIT = "model:edit"
    ORGANISATION_EDIT = "organisation:edit"
    PERIOD_CLOSE = "period:close"
    PERSON_EDIT = "person:edit"
    PLACE_EDIT = "place:edit"
    PROJECT_EDIT = "project:edit"
    PROJECT_READ = "project:read"
    REPORT_READ = "report:read"
    REQUEST_MAKE = "request:make"
    RESERVATION_APPROVE = "reservation:approve"
    SUPPLIER_ORDER = "supplier:order"
    TOKEN_MAKE = "token:make"  # noqa: S105  (the name of a permission)


P = Permission
_EMPLOYEE = frozenset({P.ITEM_READ, P.REQUEST_MAKE, P.PROJECT_READ, P.REPORT_READ, P.TOKEN_MAKE})
_SURVEYOR = _EMPLOYEE | {P.ITEM_REGISTER, P.ITEM_EDIT, P.CODE_BIND, P.LABEL_PRINT}
_MANAGER = _SURVEYOR | {
    P.CASE_HANDLE,
    P.DISPOSAL_SIGN,
    P.EXPORT,
    P.FOUND_REPORT_HANDLE,
    P.GOAL_SET,
    P.HANDOVER_MAKE,
    P.IMPORT,
    P.ITEM_ASSESS,
    P.ITEM_MERGE,
    P.LISTING_PUBLISH,
    P.MODEL_EDIT,
    P.PLACE_EDIT,
    P.RESERVATION_APPROVE,
    P.SUPPLIER_ORDER,
}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.EMPLOYEE: _EMPLOYEE,
    Role.SURVEYOR: _SURVEYOR,
    Role.MOVER: _EMPLOYEE | {P.HANDOVER_MAKE, P.ITEM_EDIT},
    Role.APPROVER: _EMPLOYEE | {P.DISPOSAL_SIGN, P.RESERVATION_APPROVE},
    Role.CONTROLLER: _EMPLOYEE | {P.EXPORT, P.PERIOD_CLOSE},
    Role.PROJECT_MANAGER: _EMPLOYEE
    | {P.PROJECT_EDIT, P.ITEM_REGISTER, P.EXPORT, P.HANDOVER_MAKE, P.SUPPLIER_ORDER},
    Role.FURNITURE_MANAGER: _MANAGER | {P.PROJECT_EDIT},
    Role.ADMIN: frozenset(Permission),
}
