"""Who may do what with styles and trainings: one table, from which the tests are made.

A line that is not indented names ways to act; those below it say about what, and what comes of it
for each person of `house.PERSONS`; with `tastes` every member may train a taste of their own:

    yes    it does what it is for
    -      the same answer, to the last byte, as about what never existed, and nothing changes
    other  refused with the sentence that the section has under this word, in private; nothing
           changes
    mute   nothing changes, and nothing is said: a reaction cannot be answered in private

The columns, which `house.PERSONS` describes, are

    owner host admin trainer uploader member revoked | admin° host° | admin² owner² host²
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from bot.text import invalid, refusals
from bot.text.styles import keeping, painting
from bot.text.training import datasets, host, progress, revocation, rights
from tests.bot.permissions.house import PERSONS

STYLES_SEEN = """
/style list, styles
  nothing       yes  yes  yes  yes  yes  yes  yes | yes  yes | yes  yes  yes
/style show, /style show by name, style, style-pick, /style show name…
  mine          yes  yes   -    -    -    -    -  |  -   yes |  -    -    -
  private       yes  yes   -    -   yes   -    -  |  -   yes |  -    -    -
  shared        yes  yes  yes  yes  yes  yes  yes | yes  yes |  -    -    -
/style rename name…, /style share name…, /style delete name…, /style export name…
  private       yes  yes   -    -   yes   -    -  |  -   yes |  -    -    -
/style sweep name…
  private       yes  yes   -    -   yes   -    -  |  -   yes |  -    -    -
"""

STYLES_CHANGED = """
/style rename, style-rename, style-rename-form, /style export, style-export
  mine          yes  yes   -    -    -    -    -  |  -   yes |  -    -    -
  private       yes  yes   -    -   own   -    -  |  -   yes |  -    -    -
  shared        yes  yes  own  own  own  own  own | own  yes |  -    -    -
style-licence, style-licence-form
  bare          yes  yes   -    -   own   -    -  |  -   yes |  -    -    -
"""

STYLES_SHARED = """
/style share, style-share, style-shared, /style delete, style-delete, style-delete-now
  mine          yes  yes   -    -    -    -    -  |  -   yes |  -    -    -
  private       yes  yes   -    -   own   -    -  |  -   yes |  -    -    -
  shared        yes  yes  yes  own  own  own  own | yes  yes |  -    -    -
"""

STYLES_USED = """
/style sweep, style-sweep, style-paint, style-paint-form
  mine          yes   -    -    -    -    -    -  |  -    -  |  -    -    -
  private       yes   -    -    -   yes   -    -  |  -    -  |  -    -    -
style-paint
  shared        yes  yes  yes  yes  yes  yes  yes | yes  yes |  -    -    -
/style add
  nothing       trnr yes  yes  yes  trnr trnr trnr| trnr yes | trnr trnr yes
/style add of the machine
  nothing       trnr yes  host host trnr trnr trnr| trnr yes | trnr trnr yes
"""

STYLES_CHOSEN = """
/imagine style
  mine          yes   -    -    -    -    -    -  |  -    -  |  -    -    -
  private       yes   -    -    -   yes   -    -  |  -    -  |  -    -    -
  shared        yes  yes  yes  yes  yes  yes  yes | yes  yes |  -    -    -
/restyle style, /inpaint style, /outpaint style, /compare style
  mine          yes   -    -    -    -    -    -  |  -    -  |  -    -    -
/imagine style #id, /imagine style hash
  mine           -    -    -    -    -    -    -  |  -    -  |  -    -    -
  shared         -    -    -    -    -    -    -  |  -    -  |  -    -    -
"""

STYLES_CALLED = """
/imagine <lora:name>, /compare <lora:name>
  private       yes   -    -    -   yes   -    -  |  -    -  |  -    -    -
/imagine <lora:hash>
  private        -    -    -    -    -    -    -  |  -    -  |  -    -    -
/imagine word
  private word  yes   -    -    -   yes   -    -  |  -    -  |  -    -    -
/replay record
  mine          yes   -    -    -    -    -    -  |  -    -  |  -    -    -
  private       yes   -    -    -   yes   -    -  |  -    -  |  -    -    -
/replay words
  private        -    -    -    -    -    -    -  |  -    -  |  -    -    -
"""

STYLES_USUAL = """
/settings style, style-settings-form, /imagine style…, /settings style…, /konomi channel style…
  mine          yes   -    -    -    -    -    -  |  -    -  |  -    -    -
  private       yes   -    -    -   yes   -    -  |  -    -  |  -    -    -
  shared        yes  yes  yes  yes  yes  yes  yes | yes  yes |  -    -    -
/restyle style…, /inpaint style…, /outpaint style…, /compare style…
  private       yes   -    -    -   yes   -    -  |  -    -  |  -    -    -
/konomi channel style
  mine          mng  mng   -   mng  mng  mng  mng |  -   mng |  -   mng  mng
  shared        mng  mng  yes  mng  mng  mng  mng | yes  mng |  -   mng  mng
"""

STYLES_OF_ROUNDS = """
next, retry, next-prompt-form, vary-strong, vary-prompt-form
  mine round    yes  styl styl styl styl styl styl| styl styl|  -    -    -
  private round yes  styl styl styl yes  styl styl| styl styl|  -    -    -
vary-subtle, zoom-out, zoom-far-out, restyle-form
  mine round    yes  styl styl styl styl styl styl| styl styl|  -    -    -
extend-left, extend-right, extend-up, extend-down, plain, upscale-2, upscale-4
  mine round    yes  styl styl styl styl styl styl| styl styl|  -    -    -
repaint, repaint-anyway
  mine round    yes  lost lost lost lost lost lost| lost lost|  -    -    -
"""

TRAINING = """
/train lora, /train embedding, /train dreambooth, form of lora
  nothing       trnr yes  yes  yes  trnr trnr trnr| grnt grnt| grnt grnt grnt
/train finetune, /train edit, form of finetune
  nothing       trnr yes  whol whol trnr trnr trnr| grnt grnt| grnt grnt grnt
/train taste, form of taste
  liked         tast yes  yes  yes  tast tast tast| grnt grnt| grnt grnt grnt
  liked, tastes yes  yes  yes  yes  yes  yes  yes | grnt grnt| grnt grnt grnt
form of taste by upload, form of taste by thread
  liked, tastes like like like like like like like| grnt grnt| grnt grnt grnt
/train rights
  nothing       mng  yes  yes  mng  mng  mng  mng | yes  yes | yes  mng  yes
/train rights granted
  nothing       mng  yes  host mng  mng  mng  mng | host yes | host mng  yes
/train rights tastes
  nothing       mng  yes  yes  mng  mng  mng  mng | yes  yes | yes  mng  yes
/admin trainings
  nothing       see  yes  see  see  see  see  see | see  yes | see  see  yes
"""

DATASETS = """
dataset-start
  open          trnr yes  yes  yes  own  own  own | own  own |  -    -    -
  unagreed      trnr all  all  all  own  own  own | own  own |  -    -    -
dataset-change, dataset-change-form, dataset-cancel
  open          yes  yes  yes  yes  own  own  own | own  own |  -    -    -
dataset-start, dataset-change, dataset-change-form, dataset-cancel
  used          over over over over own  own  own | own  own |  -    -    -
"""

PICTURES = """
dataset-add, dataset-add-form
  open          yes  yes  yes  yes  yes  yes  yes | grnt grnt|  -    -    -
  upload        yes  els  els  els  els  els  els | grnt grnt|  -    -    -
  used          over over over over over over over| over over|  -    -    -
dataset-show
  open          yes  yes  yes  yes  yes  own  own | own  own |  -    -    -
  used          over over over over over over over| over over|  -    -    -
dataset-agree
  unagreed      yes  none none none yes  none none| none none|  -    -    -
  used          over over over over over over over| over over|  -    -    -
"""

TRAININGS = """
train-pause, train-stop, train-cancel, train-cancel-now, train-use, /train pause, /train stop
  running       yes  yes  yes  yes  own  own  own | own  yes |  -    -    -
train-resume, /train resume
  paused        yes  yes  yes  yes  own  own  own | own  yes |  -    -    -
👍 on the card
  running       yes  yes  yes  yes  mute mute mute| mute yes | mute mute mute
train-pick, /train status, /train status training…
  running       yes  yes  yes  yes  yes  yes  yes | yes  yes |  -    -    -
/train pause training…, /train resume training…, /train stop training…
  running       yes  yes  yes  yes  yes  yes  yes | yes  yes |  -    -    -
cancel
  running        -    -    -    -    -    -    -  |  -    -  |  -    -    -
"""

TRAININGS_OVER = """
train-pause, train-resume, train-stop, train-cancel, train-cancel-now
  done          over over over over own  own  own | own  over|  -    -    -
train-use
  done          yes  yes  yes  yes  styl styl styl| styl yes |  -    -    -
train-paint, train-paint-form
  done          yes  none none none yes  none none| none none|  -    -    -
/train list
  nothing       yes  yes  yes  yes  yes  yes  yes | yes  yes | yes  yes  yes
"""

CONSENTS = """
/privacy, privacy
  given         yes  yes  yes  yes  yes  yes  yes | yes  yes | yes  yes  yes
/privacy member, revoke-for, revoke-for-now
  given         host yes  host host host host host| host yes | host host yes
revoke, revoke-now, revoke-style, revoke-all, revoke-all-now
  given         yes   -    -    -   yes   -    -  |  -    -  |  -   yes   -
retrain
  stranded      yes  yes  yes  yes   -    -    -  |  -    -  |  -    -    -
"""

Sentences = Mapping[str, str]

OF_STYLES = {
    "own": keeping.NOT_YOURS("en-US"),
    "trnr": keeping.NOT_A_TRAINER("en-US"),
    "host": keeping.HOSTS_ONLY("en-US"),
}
OF_PAINTING = {
    "mng": refusals.ADMINS_ONLY("en-US"),
    "styl": painting.NOT_USABLE("en-US"),
    "lost": invalid.ADAPTERS_LOST("en-US"),
}
OF_BEGINNING = {
    "trnr": rights.NOT_A_TRAINER("en-US"),
    "grnt": rights.NOT_GRANTED("en-US"),
    "whol": rights.HOST_ONLY_METHOD("en-US"),
    "tast": rights.NO_TASTES("en-US"),
    "like": refusals.FORM_INCOMPLETE("en-US"),
    "mng": refusals.ADMINS_ONLY("en-US"),
    "host": rights.HOST_ONLY_GRANT("en-US"),
    "see": host.HOST_ONLY("en-US"),
}
OF_DATASETS = {
    "trnr": rights.NOT_A_TRAINER("en-US"),
    "grnt": rights.NOT_GRANTED("en-US"),
    "own": datasets.NOT_YOURS("en-US"),
    "els": datasets.NOBODY_ELSE_ADDS("en-US"),
    "none": datasets.NOT_A_CONTRIBUTOR("en-US"),
    "over": datasets.NOT_OPEN("en-US"),
    "all": datasets.NOT_WITHOUT_CONSENT.en.partition("{")[0],
}
OF_TRAININGS = {
    "own": progress.NOT_YOURS("en-US"),
    "over": progress.OVER("en-US"),
    "styl": progress.NOT_YOUR_STYLE("en-US"),
    "none": progress.STYLE_NOT_READY("en-US"),
}
OF_CONSENTS = {"host": revocation.HOSTS_ONLY("en-US")}

SECTIONS: dict[str, tuple[str, Sentences]] = {
    "styles seen": (STYLES_SEEN, OF_STYLES),
    "styles changed": (STYLES_CHANGED, OF_STYLES),
    "styles shared": (STYLES_SHARED, OF_STYLES),
    "styles used": (STYLES_USED, OF_STYLES),
    "styles chosen": (STYLES_CHOSEN, OF_PAINTING),
    "styles called": (STYLES_CALLED, OF_PAINTING),
    "usual styles": (STYLES_USUAL, OF_PAINTING),
    "styles of rounds": (STYLES_OF_ROUNDS, OF_PAINTING),
    "training": (TRAINING, OF_BEGINNING),
    "data sets": (DATASETS, OF_DATASETS),
    "pictures": (PICTURES, OF_DATASETS),
    "trainings": (TRAININGS, OF_TRAININGS),
    "trainings over": (TRAININGS_OVER, OF_TRAININGS),
    "consents": (CONSENTS, OF_CONSENTS),
}
"""Each part of the table, with the sentences that its words stand for."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """A way to act on something, and what comes of it by person."""

    gesture: str
    subject: str
    cells: Mapping[str, str]


def rows(section: str) -> Iterator[Row]:
    """Yield the rows of a section."""
    table, _ = SECTIONS[section]
    gestures: list[str] = []
    for line in filter(str.strip, table.splitlines()):
        if not line.startswith(" "):
            gestures = [each.strip() for each in line.split(",")]
            continue
        cells = line[16:].replace("|", " ").split()
        assert len(cells) == len(PERSONS), line
        for gesture in gestures:
            yield Row(
                gesture=gesture,
                subject=line[:16].strip(),
                cells=dict(zip(PERSONS, cells, strict=True)),
            )
