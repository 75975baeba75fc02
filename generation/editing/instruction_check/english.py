"""English vocabulary of impossible edits: classes of words, and patterns.

Applied after normalisation: lower case, no apostrophes ("dont", "the dogs head"), hyphens as
spaces. In a pattern `{class}` matches any member of a class, and ` ... ` a few words of the same
sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

KEY_WORDS = (
    "move remove delete erase background backdrop transparent isolate extract everything everyone "
    "nothing except without only just leave swap switch exchange interchange position positions "
    "places rotate camera angle perspective viewpoint further behind underneath corner center "
    "centre middle bottom zoom"
)
"""Words that decide if a pattern matches, in which typos are corrected."""
NOT_SLIPS = (
    "angel corned cornet crops expect extra farther leaves movie noting palace place remote stitch "
    "swamp swatch"
)
"""Words that look like a typo of a key word but are not."""

CONTENT = r"\b[a-z]{2,}?(?=s?\b)"
"""Words that may recur crosswise ("the red one blue, the blue one red"), without a plural s."""
SAME: Mapping[str, str] = {"she": "her", "he": "him", "hi": "him", "his": "him"}
EMPTY = (
    "the and one make turn paint give put with into should like for its it ha has have get thi "
    "that this these those colour color more other both them their from same to of on in is be at "
    "so an or if by we me my up do go us no"
)
"""Words whose recurrence means nothing."""

EDGE = r"\b(?:{})(?!\w)"
"""Patterns match whole words."""

WORDS: Mapping[str, str] = {
    # Things already in the picture ("the dog", "her"), against a new one ("a dog").
    "own": "the|this|that|his|her|its|their|my|our|your|these|those",
    "the": "{own}|him|it|them|both|everyone|everybody|me|us|each|all the",
    "a": "an?|some|another",
    "bit": "bit|little|lil|tad|touch|lot|notch",
    "more": "an?|to|{bit}|slightly|some|somewhat|way|much|all|more|just|further|few|inch|inches|"
    "pixels|px|steps?|right|straight|directly|back|over|even|so|again|so",
    "end": r"(?= ?(?:$|[,.;!?]|(?:please|pls|plz|thanks|thx|instead|so)\b))",
    # Words of place: a part of the frame; the relation of two things; either.
    "spot": "(?:(?:far|very|upper|lower|top|bottom|other|opposite|left|right|dead) )*(?:left|right|"
    "top|bottom|middle|cent(?:er|re)|corner|side|edge|front|foreground|end|half|third)",
    "beside": "next to|besides?|behind|in front of|on top of|under|underneath|beneath|below|above|"
    "(?:in )?between|opposite|across(?: from)?|alongside|against|near(?:er)?(?: to)?|close(?:r)? "
    "to|over|away from|far from|inside|outside|by",
    "where": "(?:to|on|at|in|into|onto|towards?|near|along|off|from) (?:{own} )?(?:\\w+ "
    "){0,2}?{spot}|{beside} (?:{own}|him|it|them|me|us|each)|(?:to the )?(?:left|right)(?:wards?)?|"
    "up(?:wards?)?|down(?:wards?)?|sideways|closer|nearer|further|farther|apart|together|higher|"
    "lower|aside|away|over|here|forwards?|back(?:wards?)?|cent(?:er|re)",
    "furniture": "table|shelf|shelves|couch|sofa|chair|bed|floor|ground|roof|wall|bench|counter|"
    "desk|windowsill|sill|window|door|ledge|stool|rug|carpet|armchair|nightstand|dresser|fridge|"
    "fence|box|basket|drawer|tree|car|boat|bridge|porch|stairs|steps|shore|driveway|road|street|"
    "pond",
    # Words of moving: `shove` only moves; `put` also adds new things.
    "shove": "mov(?:e|ed|ing)|shift(?:ed)?|slid(?:e|ing)|drag|scoot|scooch|nudge|shove|budge|bump|"
    "push|pull|relocate|reposition|transfer|transport|shuffle|inch",
    "put": "put|place|set|stand|seat|sit|hang|position|stick|lay|bring|carry|take|lift|raise|lower|"
    "drop|send|rest|park|plop|tuck|float|lean|line|tie|throw|roll|swing|get",
    "stay": "sit|stand|perch|hang|lie|float|land|lean|sitting|standing|hanging|lying|floating|be|"
    "go|rest|positioned|placed|stands|sits",
    "want": "want|like|need|love|have|make|let|get(?! rid)|can|could|see",
    # Words of the camera and of looking.
    "view": "view(?: ?point)?|viewing angle|angle|perspective|vantage point|point of view|pov",
    "camera": "{view}|camera|cam|lens|shot|fram(?:e|ing)",
    "steer": "rotate|tilt|pan|swing|orbit|spin|mov(?:e|ing)|turn|lower|raise|pull|push|step|bring|"
    "shift|lift|drop|dolly|angle|point|swivel|circle|set|put|place|aim|fly|take|get|back|"
    "reposition",
    "see": "see|seen|seeing|show|showing|shows|shown|viewe?d?|looks?|looking|looked|shot|shoot|"
    "photo|photographed|pictured?|image|watch|watched|filmed|captured|taken|reveal|render|rendered|"
    "draw|drawn|framed?|scene|visible|perspective|camera|angle|observed|imagine",
    "side": "above|below|behind|beneath|overhead|under(?:neath)?|(?:far|further|farther) (?:away|"
    "back)|further|farther|afar|up close|close up|up high|high up|down low|directly above|up above|"
    "on high|(?:(?:{more}) )+(?:higher|lower|closer|nearer|further|farther)(?: up| down| away| "
    "back| in)?|(?:the )?(?:inside|outside)|(?:(?:straight|directly|right|way) )?(?:(?:{own}|{a}|"
    "different|opposite|other|more|slightly) )+(?:\\w+ ){0,2}?(?:sides?|back|front|rear|top|bottom|"
    "left|right|air|sky|ground|ceiling|floor|angles?|view|viewpoint|perspective|direction|distance|"
    "window|end|corner|vantage point|point of view|position|spot|roof|rooftop|height|away|behind|"
    "above|below)",
    "far": "back|rear|reverse|undersides?|(?:other|far|opposite|left|right) side|insides?|backside|"
    "(?:side )?profile|behind|bottom|soles?|top",
    "round": "around|round|sideways|over|upside down|on its (?:side|head|back)|"
    "(?:counter|anti)? ?clockwise|\\d+ ?(?:degrees?|deg|°)|a quarter turn|halfway|(?:to|towards?) "
    "(?:the )?(?:left|right|side|camera|viewer|front|back|us|me|other (?:way|side))|away|"
    "the other way|to (?:the )?face|facing|so (?:it|he|she|they|we|i|that)",
    "gaze": "look|looks|looking|stare|staring|gaze|gazing|glance|glancing|peer|peering|peek",
    "toward": "at (?:the )?(?:camera|viewer|lens|us|me|you)|(?:in|into|to|towards?) (?:the "
    ")?(?:camera|viewer|lens|us|me|left|right|(?:other|opposite) (?:way|side|direction)|side|sky|"
    "ground|back|front)|the (?:camera|viewer|lens|(?:other|opposite) (?:way|direction))|away|left|"
    "right|sideways|backwards?|forwards?|up|down|behind|over (?:{own}) shoulder|straight ahead|us|"
    "me",
    # Words of photography and film.
    "photo": "photo(?:graph)?s?|picture|pic|image|shot|still|frame|scene|snap(?:shot)?|footage|"
    "portrait|selfie|look",
    "taken": "shot|taken|took|photographed|filmed|captured|snapped|recorded|developed|printed",
    "recorder": "polaroid|instax|cameras?|cam|camcorder|webcam|gopro|i ?phone|smartphone|phone|"
    "lens|film|kodak|leica|holga|vhs|daguerreotype|super 8",
    "printed": "movies?|films?|magazines?|newspapers?|books?|albums?|catalog(?:ue)?s?|games?|"
    "comics?|comic books?|documentar(?:y|ies)|tv shows?|shows?|series|sitcom|music video|"
    "commercial|advert|ad|brochure|postcards?|archives?|childhood|youth|weddings?|part(?:y|ies)|"
    "holidays?|vacations?|"
    "(?:twent|thirt|fort|fift|sixt|sevent|eight|ninet)ies|era|war|century|decade|\\d+s",
    "outlook": "above|below|behind|beneath|under(?:neath)?|overhead|sides?|angles?|floor|ground|"
    "across|further|farther|away|theat(?:er|re)|seat|screen|crane|position|roof|window|tower|front|"
    "back|top|bottom|close|afar|distance",
    # Words of swapping.
    "swap": "(?:swap|switch|trade)(?: out| up)?|swap(?:s|ped|ping)|switch(?:ed|ing)|trad(?:ed|ing)|"
    "exchange|interchange|transpose",
    "seats": "places?|positions?|seats?|sides?|spots?|locations?|roles?|order",
    # Words of keeping and removing.
    "remove": "remov(?:e|ing)|delet(?:e|ing)|eras(?:e|ing)|drop|lose|discard|ditch|(?:get(?:ting)? "
    ")?rid of|(?:clear|wipe|take|throw|toss|crop|cut|mask)(?: out| away| off)?|(?:white|blank|"
    "black|knock) out|strip(?: away)?|hide|scrap|trash|eliminate|chuck|dump|kill|get|without|dont "
    "(?:want|need)|no need for",
    "rest": "(?:everything|everyone|everybody|anything|anyone|all|all of it|all the \\w+|whatever|"
    "whats|every \\w+|(?:the )?stuff|(?:the |any )?(?:area|space|parts?|bits?|areas))(?: thats?| "
    "which| who)? (?:\\w+ ){0,2}?(?:else|but|except|excluding|besides|apart|aside|other than|"
    "around|surrounding|isnt|arent|is not|not|save|bar|minus)|(?:all )?(?:of )?the rest|(?:the "
    ")?surroundings?|(?:every|all) other (?:things?|objects?|items?|elements?|stuff)",
    "gone": "gone|removed|deleted|erased|disappears?|vanish(?:es)?|away|hidden|invisible|"
    "transparent|blank|(?:plain |pure |solid |all )?white(?! hair)|cut|cropped|off|out|goes?|"
    "dropped|cleared|empty|see through",
    "backdrop": "back ?grounds?|bg|backdrop",
    "plain": "white|plain|blank|transparent|empty|clear|solid|pure|clean|nothing",
    # Things that are adjusted without anything being moved.
    "tone": "brightness|contrast|saturation|exposure|mood|tones?|hues?|colou?rs?|lighting|lights?|"
    "temperature|time|vibe|seasons?|age|volume|shadows?|highlights?|palette|atmosphere|weather|"
    "style|look|feel|setting|story|date|year|hour|white balance|tint|warmth|sharpness|era|hair|"
    "hemline|hem|neckline|sleeves|eyebrows|brows|resolution|quality|detail|curtains|blinds|hood",
    "scene": "(?:whole )?(?:scene|thing)|setting|action|story|place|photo|picture|image|time",
    "change": "mak(?:e|ing)|chang(?:e|ing)|turn|paint|colou?r|recolou?r|dye|edit|fix|add|replace|"
    "give",
}

HARMLESS: Sequence[str] = (
    # "leave the rest as it is", "dont change anything else": says what stays, not what goes
    r"(?:keep|leave|leaving|keeping)(?: \w+){1,7}? (?:same|as is|as (?:it|they) (?:is|are|was|were)"
    r"|unchanged|untouched|alone|intact|original|how (?:it|they) (?:is|are)|(?:like )?that(?: "
    r"way)?|like it is|where (?:it|they|s?he) (?:is|are)|be|normal|exactly as|the way)",
    r"(?:dont|do not|without|not) (?:chang|touch|alter|mess)(?:e|ing)?(?: \w+){1,5}",
    r"(?:{change}|touch|alter|modify|affect) (?:nothing|only|just)(?: \w+)?",
    r"(?:everything|everyone|all|anything|nothing)(?: \w+){0,5}? (?:stays?|remains?|unchanged|the "
    r"same|black and white|b ?& ?w|bw|gr[ae]y(?:scale)?|monochrome|blurry|blurred|dark(?:er)?|"
    r"desaturated|sepia|as is|changes?)",
    r"(?:{change}|swap) ... nothing (?:else|more)(?! in| on| around| visible| left)",
    r"(?:only|just) the colou?rs?",
    r"(?:keep|keeping|same|no need to change)(?: \w+){0,3}? (?:{camera}|pose|composition|position|"
    r"layout|place)",
    # "turn the frog into a prince", "swap the dog for a cat": one thing replaced by another
    r"(?:turn(?:ing)?|transform|switch|change|flip) (?:\w+ ){1,6}?(?:in)?to (?:an?|(?!us|me|face)"
    r"\w+$)",
    r"(?:swap|switch|trade|exchange)(?: out| in)? (?:\w+ ){1,5}?(?:with|by) (?:{a}|something|two|"
    r"three)",
    r"(?:swap|switch|trade|exchange)(?: out| in)? (?:\w+ ){1,5}?(?:for (?!each|one another)|"
    r"(?:in)?to (?!the))\w+",
    r"(?:swap|switch|change) (?:it|(?:{own} )?(?:{scene})) (?:to|with|for|into)",
    # "move it to winter", "shift the mood", "lower the contrast", "flip the colors"
    r"(?:{shove}|{put}|change|switch up) (?:(?:{own}|overall|it) )?(?:\w+ )?(?:{tone})(?: "
    r"(?:{where}))?",
    r"(?:flip|invert|reverse|rotate|turn|switch) (?:(?:{own}|all) )?(?:{tone})(?! (?:of|between|on)"
    r")",
    r"(?:{shove}|{put}) (?:it|(?:{own} )?(?:{scene})|us|him|her|them|me) (?:in)?to (?:the )?"
    r"(?!(?:{spot}|back|rear|other|opposite|far)$)\w+$",
    r"back (?:in time|to (?:the )?(?:\d+s?|\w+ (?:times|ages?|era|days|century|years)))|back to "
    r"(?:{own}) (?:former|old|original|younger|good)|bring (?:\w+ ){1,4}to life|turn back time",
    r"(?:switch|turn) (?:\w+ ){0,2}?(?:on|off)|middle (?:ages?|east\w*)|(?:on|set) fire|"
    r"frown upside down|out of (?:focus|place|order|date)",
    r"closer to (?:an?|\w+ (?:style|look))|(?:pull|roll|zip|button|tie|put) up|dont move",
    # "light from above", "remove the people from behind her": where something comes from
    r"(?:light\w*|lit|sun\w*|shin\w*|glow\w*|beams?|rays|com(?:ing|es?)|fall(?:ing|s)?|hang(?:ing|"
    r"s)|pouring|streaming|rain\w*|dripping|growing|emerging|peeking|rising|smoke|snow|flames?|"
    r"blowing|shadows?|remove|delete|erase|get rid of|take|water)(?: \w+){0,4}? from (?:{side}|"
    r"\w+)",
    # "look up to date", "the man looking up has a hat", "in front of a castle"
    r"look(?:s|ing)? (?:up to date|down on (?:{own}) (?:luck|life)|down to earth|right at|left out|"
    r"back (?:in time|to)|forward to|right|up market|up close)",
    r"the \w+ (?:looking|facing|staring|turned) (?:\w+ ){1,3}?(?:wear|hold|into|smile|bald|"
    r"ha[sv]e?|an?)",
    r"(?:in front|on top) of (?:{a})|(?:in|from) the (?:{backdrop}|distance)",
    # "as if shot on a better camera", "a photo from an old newspaper": what it was taken with, and
    # for what, unless a place to look from is named as well
    r"(?:{taken})(?: it| this| that)? (?:on|with|using|by|through) (?:\w+ ){0,5}?(?:{recorder})"
    r"(?!.* from )",
    r"(?:{photo}|{taken}) from (?!.*\b(?:{outlook})\b)(?:(?:{own}|{a}) )?(?:\w+ ){0,4}?"
    r"(?:{printed}|{recorder})(?!.* from )",
    # cameras, views and crops that are objects; depicted motion
    r"(?:add|give|hold(?:ing|s)?|carry(?:ing)?|with|wearing|put|hang) (?:\w+ ){0,3}?camera\w*|"
    r"(?:security|film|old|vintage|video|toy) cameras?|rear ?view mirrors?|sea views?|"
    r"room with a view|the view from|zoom (?:lens(?:es)?|call|meeting|background|blur)|"
    r"zooming (?:by|past|through|down|along)|(?:bed|living) ?side|side of fries",
    r"crop (?:tops?|pants|jacket|sweater|hoodie|fields?|circles?)|cropped \w+|"
    r"(?:cutting|cut(?: ?outs?)?)(?: \w+){0,3}? (?:of|from) (?:wood|paper|card\w*|felt|stone|foam)|"
    r"paper cut ?outs?|cut ?out (?:style|art|animation|eyes|dress|holes)|"
    r"c(?:ut(?:ting)?|rop) (?:{own}) (?:hair|bangs|fringe|grass|beard)(?: \w+)?|"
    r"(?:make|made|have) (?:\w+ ){1,4}?(?:stands?|sticks?|pop|popping) out(?: more)?",
    # "remove the background people"
    r"(?:{backdrop}) (?:people|person|crowd|noise|blur|clutter|characters?|figures?|objects?|text|"
    r"cars?|buildings?|tourists?|strangers?|music|dancers?)",
)

PATTERNS: Mapping[str, Sequence[str]] = {
    "isolating": (
        # "remove everything but the shoe", "everything else transparent", "all gone except the dog"
        r"(?:{remove}) (?:\w+ ){0,3}?(?:{rest})",
        r"(?:{rest}) ... (?:{gone})|(?:{remove}) (?:everything|anything|all) (?:behind|beyond|"
        r"outside)",
        r"(?:everything|everyone|all|anything) (?:but|except|besides|(?:apart|aside) from|other "
        r"than) (?:for )?(?:{own}) ... (?:{gone})",
        r"(?:{gone}|out of the way) (?:except|but|apart from|other than)",
        # "keep only the shoe", "just leave the cat"
        r"(?:keep|keeping|leave|leaving|save|retain|preserve|show|showing|display|see|extract)"
        r"(?: me| us)? (?:\w+ ){0,2}?(?:only|just|nothing but|solely)",
        r"(?:only|just|solely)(?: to)? (?:keep|leave|save|retain|show|display|see|extract)(?: me| "
        r"us)? (?:{the}|a person|people)",
        # "i just want the cup", "a photo of only the cup": if nothing else is said about it
        r"(?:(?:only|just) (?:want|need|have|get|give me|looking for)(?: me)?|"
        r"(?:want|need|have|get|give me|with|is|of|to) (?:only|just|nothing but)) (?:{the}) "
        r"\w+(?: \w+)?(?= ?(?:$|[,.;!]|(?:and|with|on|no|nothing|please|pls|plz|visible|left|here|"
        r"from|as|by|for)\b))",
        r"(?:only|just)(?: want| need)? (?:{the}) (?:\w+ ){1,3}?(?:(?:should|must|to|may|can) "
        r")?(?:be )?(?:remains?|stays?|left|visible|alone|by (?:it|him|her)self|on (?:an? "
        r")?(?:{plain})|in (?:the )?(?:frame|picture|photo|image|pic|shot))",
        r"(?:^|[,.;] ?)(?:(?:so|i want|want|with|and|its) )?(?:just|only) (?:{the}) \w+(?: \w+)?"
        r"(?= ?(?:$|[,.;!]|(?:please|pls|plz|no|nothing)\b))",
        r"^(?!.*(?:{change}|blur))(?:(?:i want|i need|show|want|need|with) )?(?:{own} )?(?:\w+ "
        r")?\w+ only$",
        # "nothing but the ring", "without anything else", "the cat by itself"
        r"(?:nothing|no one|nobody) (?:but|except|besides|other than|else)|nothing around|with "
        r"nothing more|and nothing more|(?:without|no|minus) any(?:thing|one)? (?:else|around)",
        r"(?:{own}) (?:\w+ ){1,3}?(?:all )?(?:by (?:it|him|her|them)sel(?:f|ves)|on (?:its|his|her|"
        r"their) own|alone|in isolation)(?= ?(?:$|[,.;!]|(?:on|against|with|please|pls|without|for)"
        r"\b))",
        # "cut out the guitar", "lift the ring off the photo", "separate her from the background"
        r"(?:cut(?:ting)?|clip|trim|mask|snip|trace) (?:out )?(?:{the}|\w+) (?:\w+ ){0,4}?"
        r"(?:out|from|away from|off|free)",
        r"(?:cut|cutting|clip|crop|snip|trace) ?out|cut ?outs?|cut (?:along|around)",
        r"(?:lift|pull|take|get|pop|grab|peel|knock|pick|separate|detach|remove|split|free) "
        r"(?:{the}) (?:\w+ ){0,4}?(?:out of|out from|off|off of|from|away from) (?:{own} )?"
        r"(?:{backdrop}|rest|surroundings|crowd|group)",
        r"(?:lift|pull|pop|grab|peel|separate|detach) (?:{the}) (?:\w+ ){0,4}?(?:out of|from|off|"
        r"off of) (?:{own} )?(?:photo|picture|image|pic|scene)",
        r"isolat(?:e|ing|ion)|isolated(?: (?:on|against|from)|$)|extract(?:ing)?(?! all)|single "
        r"out|separate (?:{the})|segment",
        # "crop it", "trim the sides", "cut off the bottom third"
        r"crop(?:ped|ping)?|trim (?:(?:off|down|to)|(?:(?:off|the|some|of|away|down) )*(?:it|"
        r"sides?|edges?|borders?|left|right|top|bottom|photo|picture|image|pic|margins?|frame))",
        r"(?:cut|chop|slice|lop|shave|snip) (?:off |away |down )?(?:the |a bit of |some of "
        r")*(?:(?:left|right|top|bottom|upper|lower) )?(?:top|bottom|left|right|sides?|edges?|half|"
        r"third|quarter|borders?|part)(?: (?:half|third|part|bit|side|edge|quarter))?(?: off| away|"
        r" of)?{end}",
        # "no background", "remove the background", "transparent png"
        r"(?:transparent|no|without|alpha|clear|see through|invisible|minus)(?: an?| any| the| "
        r"its)? (?:{backdrop})",
        r"(?:{remove}) (?:(?:{own}|all|whole|entire|of) )*(?:{backdrop})(?! (?!and|so|please|pls|"
        r"plz|from|but|completely|entirely|for|to|leaving|around|behind|of|on|altogether|only|out|"
        r"off|away|thx|thanks|make|i|in)\w)(?!.*(?:replace|instead|put|add|change))",
        r"(?:{backdrop}) (?:(?:to|be|is|should|has|must|completely|fully|made|all|a|turned|into) )*"
        r"(?:transparent|removed|gone|deleted|erased|away|off|out|disappear|vanish|see through|"
        r"invisible|nothing|transparency|alpha|cut)",
        r"png|alpha channel|die cut|on (?:a )?(?:transparent|alpha)$|plain empty \w+|product shot",
    ),
    "swapping": (
        # "swap places", "reverse the order", "they got mixed up"
        r"(?:{swap}) ... (?:{seats}|each others?|one anothers?)|change ... with each other",
        r"(?:chang(?:e|ing)|reverse|flip) (?:(?:{own}|all|both) )*(?:places|positions|seats|sides|"
        r"spots|locations|roles|order|arrangement)",
        r"reverse (?:them|these|those|the two|both|em)|(?:wrong|other|opposite) way (?:a)?round|"
        r"(?:got|are|been|is) mixed up|vice versa|in reverse order|reversed|the other way around",
        # "swap the cat and the dog", "switch the two around", "switch em", "trade hats"
        r"(?:{swap}) (?:\w+ ){0,6}?(?:(?:and|with|for) (?:{the}|each|one|hers|theirs|mine)|and "
        r"\w+s)",
        r"(?:{swap}) (?:\w+ ){0,4}?(?:and|around|round|over|about|between)",
        r"(?:{swap}|flip|reverse) wh(?:o|ich|ose)|(?:{swap}) (?:em|them|those|these|both){end}",
        r"(?:{swap}) (?:(?:{own}|both|all|two|of) ){0,3}(?:(?!with|for|to|into|by)\w+ "
        r"){0,2}?\w*[^s]s(?= ?(?:$|[,.;!?]|(?:please|pls|plz|of|so|on|thx)\b))",
        r"(?:{swap}) (?:heads?|faces?|hats?|hair|clothes|outfits?|bodies|colou?rs?|shirts?)|"
        r"(?:face|head|body|outfit|colou?r|position) ?swap(?:ped)?",
        # "in each others place", "the dog where the cat is", "his on her and hers on him"
        r"(?:each others?|one anothers?|the others) (?!hands?|arms?|eyes?|way|side)\w+",
        r"where (?:{own} )?(?:\w+ ){1,3}?(?:is|was|are|were|sits|stands|goes)(?: now| currently)? "
        r"... (?:where|and)",
        r"(?:takes?|taking|have|in|into|to) (?:{own} )?\w+ (?:place|spot|position|seat)s? and",
        r"and (?:give )?(?:\w+ ){0,3}?(?:his|hers|theirs|mine|yours|the others|its) (?:on|to|onto|"
        r"for) (?:{the})",
        r"(?:give|gets?) ... and (?:\w+ ){0,4}?(?:his|hers|theirs|mine|yours)$",
    ),
    "viewpoint": (
        # "seen from above", "shoot it from the side", "a look from the passenger seat"
        r"(?:{see}) ... from (?:{side})|^(?:\w+ ){0,6}?from (?:{side})(?:{end}| view| of)",
        r"(?:seen|viewed|shot|photographed|filmed|captured|painted) from (?:{own}|an?|another)",
        r"(?:photo|picture|shot|image|scene|taken) from (?:further|farther|across|closer|afar)",
        r"taken from (?:{own}|{a}) (?:\w+ ){0,2}?(?:helicopter|(?:air)?plane|drone|balloon|boat|"
        r"car|train|satellite|tower|bridge|cliff|hill(?:top)?|mountain(?:top)?|balcony|street)",
        r"(?:look|view|shot|angle|photo|perspective) from(?! (?:\w+ ){0,3}?(?:the )?\d)",
        r"from (?:\w+ ){1,5}?(?:perspective|point of view|pov|eyes|viewpoint|vantage point|angle)|"
        r"from where|through the eyes of|what(?:s| is| does| would| it)? ... looks? like from",
        r"as (?:if|though) (?:i|we|you|the viewer|the camera) ?(?:was|were|am|are|is|re)? "
        r"(?:standing|looking|flying|sitting|lying|floating|hovering|right|up|down|inside|behind|"
        r"above|below)",
        # "a lower angle", "another perspective", "tilt the camera down", "change the angle"
        r"(?:{a}|the) (?:\w+ )?(?:different|other|opposite|new|lower|low|higher|high|wider|wide|"
        r"better|side|top|front|back|rear|dutch|three quarter|3 ?4|overhead|steep|steeper|tilted|"
        r"flatter|diagonal) (?:\w+ )?(?:{view}|camera|shot)",
        r"another (?:{view})|more of an? (?:\w+ )?angle|at an angle|degree angle",
        r"(?:{steer}) (?:\w+ ){0,3}?(?:{view}|camera|cam|lens)",
        r"(?:change|shift|alter|adjust|switch|different|lower|higher|wider) (?:\w+ "
        r"){0,3}?(?:{camera})",
        r"camera (?:angle|position|lower|higher|closer|further|back|down|up|to|from|at|left|right|"
        r"behind|above|below)|pan (?:right|left|up|down|to|out|over|across)|tilt (?:up|down)",
        # "birds eye view", "side profile", "wide shot", "zoom in", "get closer"
        r"top down|birds? ?eyes?|worms? ?eyes?|(?:aerial|overhead|side|back|rear|front|underneath|"
        r"underside|inside|profile|(?:eye|ground) level|(?:low|high|wide) angle|drone|(?:first|"
        r"third) person|isometric|top|bottom|three quarter|over the shoulder|helicopter|satellite|"
        r"frontal|side on) (?:angle |on )?(?:view|shot|perspective|angle|photo|lens|profile|"
        r"picture|pov)",
        r"(?:in|into|to) (?:side )?profile|side (?:on|profile)|head on|(?:eye|ground) level|(?:low|"
        r"high|wide|dutch) angle|pov|first person|head ?shot|close ?ups?|full (?:length|body)|"
        r"zoom(?:ed|ing|s)?",
        r"(?:wider?|longe?r?|medium|tight(?:er)?|closer) (?:shot|view|crop|framing|frame|look|"
        r"angle|on|in)",
        r"(?:pull|step|stand|walk|come|get|go|fly|move|back|moving|scroll) (?:\w+ )?(?:back|closer|"
        r"further|farther|out|in|up|away) (?:a bit|a little|more|from|so|to|until|for|please|pls|"
        r"way|on|in)",
        r"(?:pull|step|stand|back|get|go|move|walk|come) (?:(?:{more}) )*(?:back|closer|further|"
        r"farther|up)(?= ?(?:$|[,.;!?]))",
        # "show me the back of the house", "so we can see his feet", "whats behind it"
        r"(?:show|see|reveal)(?: me| us)? (?:more of )?(?:what (?:is|it|the|its|he|she)?|whats|"
        r"(?:{own}) (?:\w+ ){0,2}?) ?(?:{far})(?:{end}| (?:of|side|view))",
        r"(?:show|see|reveal)(?: me| us)? whats? (?:is )?(?:behind|inside|under|beneath|around|"
        r"outside|on the other)",
        r"(?:so|where) (?:that )?(?:we|i|you|u) (?:can |could |are )?(?:see|seeing|looking)",
        r"(?:show|see|reveal|fit|get|include) (?:me |us )?(?:more of|the (?:whole|entire|full|rest "
        r"of)|all of|(?:his|her|its|their) (?:whole|entire|full))",
        r"(?:can|could|to|wanna|lemme|let me|gonna|i) (?:\w+ )?see (?:{own}) (?:\w+ ){0,2}?(?:feet|"
        r"soles?|back|backside|rear|bumper|bottom|underside|face|other|insides?|whole|entire|full|"
        r"legs|side|shoes)(?:{end}| (?:of|side|too|better))",
        # "turn the chair around", "rotate it 90 degrees", "mirror this", "fix the crooked horizon"
        r"(?:turn|spin|rotate|swivel|flip|pivot|twist|swing) (?:{the}|\w+s?)(?: \w+){0,4}? "
        r"(?:{round})",
        r"^(?:rotate|flip|mirror|spin|pivot|swivel|tilt)(?: (?:it|this|that|them|him|her|(?:{own}) "
        r"\w+))?{end}|rotate (?:(?:{the}) (?:\w+ )?)?(?:by )?(?:\d+|left|right)|^turn (?:(?:it|him|"
        r"her|them|{own} \w+) )?(?:to the )?(?:left|right)(?:wards?)?{end}",
        r"(?:turn|tilt|rotate|twist|cock) (?:his|her|its|their|my|the \w+) (?:head|face|body|gaze|"
        r"backs?)",
        r"(?:rotate|revolve|pivot|swivel|tilt) (?:{the})|(?:turn|spin|twist) {the} \w+ so|upside "
        r"down|clockwise|turn (?:{the} )?(?:a)?round{end}|turned (?:a)?round$",
        r"(?:flip|mirror) (?:it|him|her|them|this|(?:{own} )?(?:image|picture|photo|pic|scene))|"
        r"mirrored(?! \w)|(?:flip|mirror)(?:ped|ed)? (?:\w+ ){0,4}?(?:horizontally|vertically)",
        r"upright|on (?:its|his|her|their) (?:side|back|belly)|(?:tip|knock|lay|lie|flip) {the} "
        r"(?:\w+ )?(?:over|down|flat)",
        r"straighten (?:this|it|up|out|{own} (?:photo|picture|horizon|image|shot|pic))|(?:crooked|"
        r"tilted|slanted|skewed) (?:horizon|photo|picture|shot|image|pic)|horizon (?:is|isnt|"
        r"should|looks|straight|level)|(?:is|looks?|its|a bit|little) (?:crooked|tilted|slanted|"
        r"skewed)|level (?:it|this|{own} (?:photo|shot|image))",
        # "make her look at the camera", "facing left", "look the other way", "back to us"
        r"(?:{gaze}) (?:(?:{more}) )*(?:{toward})|(?:make|have|let) (?:{the}) (?:\w+ ){0,3}?look "
        r"at",
        r"(?:fac(?:e|es|ing)|turned|pointing|pointed|points?|heading|angled) (?:(?:{more}) "
        r")*(?:{toward}|(?:to|towards?) (?:the |us|me)|each other|forward|front|(?:{own}) "
        r"(?:window|wall|door))",
        r"(?:make|have|let|turn|so) (?:\w+ ){1,4}?face (?:the(?! same| colou?r)|us|me|each|away|"
        r"left|right)|(?:point|aim) (?:{the}) (?:\w+ ){1,3}?(?:at|to|towards?)|(?:drive|swim|walk|"
        r"run|fly|sail|head) (?:to the )?(?:left|right|backwards)|backs? (?:to|towards?|turned to|"
        r"turned|facing) (?:us|me|the (?:camera|viewer|lens))|(?:opposite|other) direction|the "
        r"(?:other|opposite) way",
    ),
    "moving": (
        # "move the lamp to the left", "slide the rug under the bed", "move the cat"
        r"(?:{shove}) (?:\w+ ){0,7}?(?:{where})",
        r"(?:move|moving|moved|shift|slide|drag|scoot|push|relocate|transfer) (?:{the}) (?:\w+ "
        r"){0,4}?(?:on|onto|to|into|in|off|out of|from|inside|out) (?:{the}) \w+",
        r"(?:relocate|reposition|rearrange|scoot|scooch) (?:{the}|\w+)|budge|(?:move|shift) "
        r"(?:{own}) \w+{end}",
        # "put the cat on top of the fridge", "hang that painting higher", "take it from … to …"
        r"(?:{put}) (?:{the}) (?:\w+ ){0,6}?(?:{where})",
        r"(?:{put}) (?:it|him|her|them|(?:{own}) \w+(?: \w+)?) (?:up |back |down )?(?:on|onto|in|"
        r"into|to|by|at|over) (?:{own}) (?:\w+ )?(?:{furniture})",
        r"(?:take|bring|get|put|drag|pull|lift|pick|carry) (?:\w+ ){1,4}?(?:from|off|out of|off of)"
        r" {own} (?:\w+ ){1,4}?(?:to|onto|into|on|in|over|beside|next to|under|down|up) (?:{own}|"
        r"it|them)",
        r"(?:sit|stand|lie|hang|put|place|go) (?:\w+ ){0,3}?(?:on|in|at|to|by) the other \w+|"
        r"(?:hold|carry|put|have|make) (?:\w+ ){1,4}?(?:in|with|on|over) {own} other (?:hand|arm|"
        r"foot|shoulder)",
        r"(?:lower|raise) (?:{own}) (?:\w+ ){1,2}?(?:a (?:{bit})|slightly|some|more|higher)",
        # "the tree should be on the left", "it belongs on the branch"
        r"(?:should|needs? to|has to|must|ought to|belongs?|could|supposed to) (?:(?:{stay}) )?"
        r"(?:(?:{more}) )*(?:{where})(?:{end}| (?:of|not|side|than|from))",
        r"(?:belongs?|goes|should go|needs to go|has to go) (?:on|in|to|{beside}) {own}",
        r"(?<!there )(?:should|must|needs to) (?:{stay}) (?:{beside}) {own}",
        # "have grandpa stand between the kids", "i want the moon higher"
        r"(?:{want}) (?!an? |some |rid )(?:\w+ ){1,4}?(?:to )?(?:{stay}) (?:(?:{more}) "
        r")*(?:{beside} {own}|(?:{where})(?:{end}| (?:of|not|side|than|from|{own}))|(?:on|in|by|at)"
        r" {own} (?:\w+ )?{furniture})",
        r"(?:{want}) (?:{the}) (?:\w+ ){0,3}?(?:(?:{more}) )*(?:(?:on|in|at|to) {own} (?:\w+ "
        r")?{spot}|closer|nearer|further|farther|higher|lower|{beside} {own})(?:{end}| of {own} "
        r"\w+(?: \w+)?$| (?:not|side|than|from|up|to|down|on|in|apart|away|together)\b)",
        # "instead of on the floor", "the wrong spot", "too far left", "a bit to the left"
        r"(?:instead of|rather than) (?:on|in|at|to|up|down|left|right|{beside})|"
        r"(?:to|on|in|at) (?:{own}) (?:{spot}) instead|wrong (?:spot|place|side|position|corner)",
        r"(?:slightly|{bit}|more|further|too) (?:far )?(?:to|towards) the (?:left|right|middle|"
        r"front|back)|(?:left|right)(?:wards?)? (?:a (?:{bit})|slightly)|too (?:close to|far from|"
        r"far (?:left|right|away|apart)|close together|high up|low down)",
        r"(?:{own}) \w+ (?:\w+ )?(?:up|down|left|right|higher|lower|over) (?:a (?:{bit})|slightly|"
        r"more)",
        r"to {own} (?:other|opposite|far) (?:side|end|corner|edge|hand|wall|shelf)|"
        r"from (?:the )?left to (?:the )?right|from (?:the )?right to (?:the )?left",
        # "shift it", "left", "more to the right", "star to the left"
        r"^(?:move|shift|slide|drag|nudge|push) (?:it|him|her|them|this|that){end}|"
        r"^(?:(?:{more}) )*(?:(?:to|towards?) the )?(?:left|right)(?:wards?)?{end}|"
        r"^(?:{own} )?\w+ (?:to|towards?) the (?:{spot}){end}",
        # "closer together", "center the logo", "line them up", "more space between them"
        r"(?:closer|nearer|further|farther) (?:together|apart|away|from|to)|"
        r"(?:more|less|some|extra|bigger|smaller) (?:space|room|distance|gaps?) between",
        r"(?:re)?(?:cent(?:er|re)|align|arrange)(?:ed)? (?:{the})|cent(?:ered|red)|(?:off|more|"
        r"dead) cent(?:er|re)|evenly spaced|gather ... together|(?:line|space|spread) (?:\w+ "
        r"){1,3}?(?:up|out|apart)",
        r"(?:stack|pile|group|rearrange|sort|space|cluster|regroup) (?:{the})",
    ),
}
