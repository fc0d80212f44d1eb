"""Check dialogs and the App Home as Slack's views.* methods do."""

from typing import Any

from tests.far.blockkit import view_problems
from tests.far.slack_state import State, Trigger, View, Workspace

Json = dict[str, Any]


class ApiError(Exception):
    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.more = more


def only(given: Json, allowed: str) -> None:
    unknown = given.keys() - set(allowed.split())
    if unknown:
        raise ApiError("invalid_arguments", response_metadata={"messages": sorted(unknown)})


def open_view(state: State, caller: Workspace, given: Json) -> Json:
    only(given, "trigger_id view")
    trigger = take_trigger(state, given.get("trigger_id"))
    check_view(given.get("view"), "modal")
    view = View(f"V{next(state.serial):09d}", trigger.user, caller.id, given["view"])
    state.views[view.id] = view
    return {"view": {"id": view.id, **view.content}}


def take_trigger(state: State, id: object) -> Trigger:
    trigger = state.triggers.get(str(id))
    if trigger is None:
        raise ApiError("invalid_trigger_id")
    if trigger.is_used:
        raise ApiError("exchanged_trigger_id")
    if state.clock() - trigger.made_at > 3:
        raise ApiError("expired_trigger_id")
    trigger.is_used = True
    return trigger


def update_view(state: State, caller: Workspace, given: Json) -> Json:
    only(given, "view_id view hash")
    view = state.views.get(str(given.get("view_id")))
    if view is None or view.team != caller.id:
        raise ApiError("not_found")
    check_view(given.get("view"), "modal")
    view.content = given["view"]
    return {"view": {"id": view.id, **view.content}}


def publish_view(state: State, caller: Workspace, given: Json) -> Json:
    only(given, "user_id view hash")
    user = state.users.get(str(given.get("user_id")))
    if user is None or not state.meets(caller, user):
        raise ApiError("user_not_found")
    check_view(given.get("view"), "home")
    state.homes[user.id] = given["view"]
    return {"view": {"id": f"VH{user.id}", **given["view"]}}


def check_view(view: object, kind: str) -> None:
    found = view_problems(view)
    if found or not isinstance(view, dict) or view.get("type") != kind:
        raise ApiError("invalid_arguments", response_metadata={"messages": found or ["wrong type of view"]})
