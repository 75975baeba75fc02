"""Where buttons stand on a message, as SimCord names the places."""

from __future__ import annotations

from bot.playground.controls import control_key, message_of, published_controls

BUTTON = {"type": 2, "custom_id": "like:1"}
NUMBERED = {"type": 2, "custom_id": "next:1", "id": 7}
COMPONENTS = [
    {
        "type": 17,
        "components": [
            {"type": 10, "content": "words"},
            {"type": 1, "components": [BUTTON, NUMBERED]},
            {"type": 9, "components": [], "accessory": {"type": 2, "custom_id": "more:1"}},
        ],
    }
]


def test_a_control_is_found_by_its_custom_id_wherever_it_stands() -> None:
    place = "message:5:component:"
    assert control_key(5, COMPONENTS, "like:1") == f"{place}0.components.1.components.0"
    assert control_key(5, COMPONENTS, "next:1") == f"{place}7"
    assert control_key(5, COMPONENTS, "more:1") == f"{place}0.components.2.accessory"
    assert control_key(5, COMPONENTS, "like:2") is None
    assert control_key(5, [], "like:1") is None


def test_a_control_key_names_its_message() -> None:
    assert message_of("message:5:component:7") == 5
    for other in ("modal:m_1:component:7", None, 5, ""):
        assert message_of(other) is None


def test_a_snapshot_gives_the_custom_ids_by_control_key() -> None:
    button = {"type": 2, "custom_id": "like:1", "control_key": "message:5:component:7"}
    row = {"type": 1, "components": [button, {"type": 2, "style": 5, "url": "https://…"}]}
    snapshot = {"messages": {"5": {"components": [row]}, "6": {"components": None}}}
    assert published_controls(snapshot) == {"message:5:component:7": "like:1"}
