"""Sentences about who may train, in English and Japanese."""

from __future__ import annotations

from bot.text.phrases import Phrase

SERVERS_ONLY = Phrase(
    "I only train in servers. Use this command in one of them.",
    "学習できるのはサーバーの中だけです。サーバーでこのコマンドを使ってください。",
)
NOT_GRANTED = Phrase(
    "Training isn't allowed in this server yet. Ask whoever runs me to allow it here with "
    "`/train rights granted: True`.",
    "このサーバーではまだ学習が許可されていません。ボットの運営者に、"
    "`/学習 権限 許可: True` で許可するよう頼んでください。",
)
NOT_A_TRAINER = Phrase(
    "Only admins of this server and members with a trainer role may do that. Ask an admin to give "
    "you such a role, or to choose one with `/train rights`.",
    "これができるのは、このサーバーの管理者と、学習担当ロールのメンバーだけです。管理者に、"
    "そのロールを付けるか `/学習 権限` で選ぶよう頼んでください。",
)
NO_TASTES = Phrase(
    "Members may not train their own taste in this server. Ask an admin to allow it with "
    "`/train rights member_tastes: True`.",
    "このサーバーでは、メンバーが自分の好みを学習することはできません。管理者に、"
    "`/学習 権限 各自の好み: True` で許可するよう頼んでください。",
)
HOST_ONLY_METHOD = Phrase(
    "Only whoever runs me may train a whole model, because it takes a lot of disk space and only "
    "they can use it. Try `/train lora`.",
    "モデル全体を学習できるのは、ボットの運営者だけです。多くのディスク容量を使い、"
    "運営者しか使えないためです。`/学習 lora` をお試しください。",
)
HOST_ONLY_GRANT = Phrase(
    "Only whoever runs me may allow training in a server. Ask them to use this command.",
    "サーバーでの学習を許可できるのは、ボットの運営者だけです。"
    "運営者に、このコマンドを使うよう頼んでください。",
)
TOO_MANY_ROLES = Phrase(
    "You can choose up to {most:plural one=# role other=# roles}. Remove one first.",
    "選べるロールは {most:number} 個までです。先に 1 つ外してください。",
)

GRANTED = Phrase("Training is allowed in this server.", "このサーバーでは学習が許可されています。")
UNGRANTED = Phrase(
    "Training isn't allowed in this server. Whoever runs me can allow it with "
    "`/train rights granted: True`.",
    "このサーバーでは学習が許可されていません。ボットの運営者は "
    "`/学習 権限 許可: True` で許可できます。",
)
ADMINS = Phrase("Who may train: admins.", "学習できる人：管理者。")
ROLES = Phrase(
    "Who may train: admins, and members with {roles}.",
    "学習できる人：管理者と、{roles} のメンバー。",
)
TASTES_ON = Phrase(
    "Every member may train their own taste with `/train taste`.",
    "すべてのメンバーが `/学習 好み` で自分の好みを学習できます。",
)
TASTES_OFF = Phrase(
    "Members may not train their own taste.",
    "メンバーが自分の好みを学習することはできません。",
)
