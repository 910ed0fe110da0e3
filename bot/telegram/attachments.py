"""Files and places of a message."""

from __future__ import annotations

from telegram import Message

from bot.messages import Attachment


def attachments(message: Message) -> tuple[Attachment, ...]:
    """Return what a message carries: at most one file, or a place."""
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return (Attachment(kind="photo", file_id=largest.file_id, size=largest.file_size or 0),)
    if (document := message.document) is not None:  # animations come as documents too
        return (
            Attachment(
                kind="document",
                file_id=document.file_id,
                name=document.file_name or "",
                size=document.file_size or 0,
            ),
        )
    if (voice := message.voice) is not None:
        return (Attachment(kind="voice", file_id=voice.file_id, size=voice.file_size or 0),)
    if (video := message.video or message.video_note) is not None:
        name = getattr(video, "file_name", None) or ""
        return (Attachment(kind="video", file_id=video.file_id, name=name, size=video.file_size or 0),)
    if (audio := message.audio) is not None:
        return (
            Attachment(
                kind="audio", file_id=audio.file_id, name=audio.file_name or "", size=audio.file_size or 0
            ),
        )
    if (sticker := message.sticker) is not None:
        return (Attachment(kind="sticker", file_id=sticker.file_id, size=sticker.file_size or 0),)
    return _other(message)


def _other(message: Message) -> tuple[Attachment, ...]:
    if (place := message.location) is not None:  # a venue carries its location as well
        name = message.venue.title if message.venue is not None else ""
        return (Attachment(kind="location", name=name, latitude=place.latitude, longitude=place.longitude),)
    if (contact := message.contact) is not None:
        name = " ".join(part for part in (contact.first_name, contact.last_name) if part)
        return (Attachment(kind="contact", name=f"{name} {contact.phone_number}".strip()),)
    return ()
