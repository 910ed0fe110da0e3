"""Answering taps and inline queries."""

from __future__ import annotations

import secrets
from typing import Any

from bot.sandbox.errors import BadRequestError
from bot.sandbox.formatting import checked_text
from bot.sandbox.keyboards import checked_markup
from bot.sandbox.methods.call import Call, Handler, caption_fields, formatted_field
from bot.sandbox.methods.media import media_fields
from bot.sandbox.params import Params
from bot.sandbox.world import World

_MAX_ANSWER = 200
_MAX_RESULTS = 50


def answer_callback_query(call: Call) -> bool:
    """Answer a tap with a toast or an alert (answerCallbackQuery)."""
    params = call.params
    text = params.text("text")
    if len(text) > _MAX_ANSWER:
        raise BadRequestError("MESSAGE_TOO_LONG")
    answer = {"text": text or None, "alert": params.flag("show_alert"), "url": params.text("url") or None}
    query = call.world.queries.answer("callback", params.text("callback_query_id"), call.bot.id, answer)
    call.world.events.publish("answer", {"query_id": query.id, "user_id": query.from_id, **answer})
    return True


def answer_inline_query(call: Call) -> bool:
    """Answer an inline query with up to 50 results (answerInlineQuery)."""
    params = call.params
    results = params.array("results")
    if results is None:
        raise BadRequestError("can't parse results JSON object: expected an Array")
    if len(results) > _MAX_RESULTS:
        raise BadRequestError("RESULTS_TOO_MUCH")
    for result in results:
        _check_result(call.world, result)
    if len({result["id"] for result in results}) < len(results):
        raise BadRequestError("RESULT_ID_DUPLICATE")
    answer = {
        "results": results,
        "next_offset": params.text("next_offset"),
        "is_personal": params.flag("is_personal"),
        "button": params.obj("button"),
    }
    call.world.queries.answer("inline", params.text("inline_query_id"), call.bot.id, answer)
    return True


def _check_result(world: World, result: Any) -> None:
    if not isinstance(result, dict) or not isinstance(result.get("type"), str):
        raise BadRequestError("can't parse inline query result: expected an Object with a type")
    if not isinstance(result.get("id"), str) or not 1 <= len(result["id"].encode()) <= 64:
        raise BadRequestError("RESULT_ID_INVALID")
    if result["type"] == "article" and not result.get("title"):
        raise BadRequestError("can't parse inline query result: Can't find field \"title\"")
    if result["type"] == "article" and not result.get("input_message_content"):
        raise BadRequestError("can't parse inline query result: message content must be specified")
    result_content(world, result)
    checked_markup(result.get("reply_markup"), private=False)


def result_content(world: World, result: dict[str, Any]) -> dict[str, Any]:
    """Return the Message fields that choosing an inline result sends; 400 when it cannot be sent."""
    content = result.get("input_message_content")
    if isinstance(content, dict):
        return _input_content(world, Params(content))
    kind = result["type"]
    fields = Params(result)
    if fields.has(f"{kind}_file_id"):
        stored = world.files.get(fields.text(f"{kind}_file_id"))
        caption = caption_fields(*formatted_field(world, fields, "caption", "caption_entities"))
        return {**media_fields(stored, stored.kind, {}), **caption}
    # Results by address cannot be fetched here; they are sent as their title.
    return {"text": str(result.get("title") or result.get("caption") or result["id"])}


def _input_content(world: World, fields: Params) -> dict[str, Any]:
    if fields.has("message_text"):
        text, entities = formatted_field(world, fields, "message_text", "entities")
        checked_text(text)
        return {"text": text, "entities": entities} if entities else {"text": text}
    if fields.has("latitude"):
        location = {"latitude": fields.number("latitude"), "longitude": fields.number("longitude")}
        if not fields.has("title"):
            return {"location": location}
        venue = {"location": location, "title": fields.text("title"), "address": fields.text("address")}
        return {"location": location, "venue": venue}
    if fields.has("phone_number"):
        names = ("phone_number", "first_name", "last_name", "vcard")
        return {"contact": {name: fields.text(name) for name in names if fields.has(name)}}
    raise BadRequestError("can't parse inline message content")


def new_inline_id() -> str:
    """Return a fresh inline_message_id."""
    return "BQAA" + secrets.token_urlsafe(15)


METHODS: dict[str, Handler] = {
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
}
