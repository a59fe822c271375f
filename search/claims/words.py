"""Words of English news that tell of speech, of persons and of what is no person."""

# Verbs of speech that may stand beside a whole sentence in quotation marks.
SPEECH = frozenset(
    """
    said says told tells asked asks added adds replied replies answered answers wrote writes tweeted tweets posted
    warned warns insisted insists explained explains recalled recalls joked shouted yelled cried testified repeated
    declared declares announced announces argued argues claimed claims conceded admitted admits acknowledged noted
    notes remarked observed continued concluded concludes complained pleaded urged stressed emphasised emphasized
    countered responded retorted quipped muttered whispered lamented agreed suggested predicted vowed reiterated
    maintained commented boasted begged exclaimed reads read stated states
    """.split()
)
# Those that tell what somebody said of something: only words or pieces of a sentence follow in quotation marks.
TELLING = frozenset(
    """
    called calls described describes dismissed dismisses denied denies ruled accuse accused accuses condemned condemns
    praised praises criticised criticized branded expressed expresses labelled labeled blamed hailed spoke deplored
    decried likened pledged demanded demands ordered proposed termed
    """.split()
)
INVERTED = frozenset("said says added adds asked asks replied replies wrote writes".split())  # `Said Kirby: "..."`
DENIALS = frozenset("denied denies deny denying".split())
GOING_ON = frozenset("adding saying insisting warning asking noting telling writing arguing calling describing".split())

TITLES = frozenset(
    """
    mr mrs ms miss dr prof professor gen general col colonel capt captain lt lieutenant maj major sgt sergeant cpl adm
    admiral president minister secretary governor gov senator sen rep congressman congresswoman representative mayor
    judge justice sir dame lord lady king queen prince princess pope bishop archbishop cardinal reverend rev father
    spokesman spokeswoman spokesperson envoy ambassador chief director chairman chairwoman chair chancellor premier
    leader commissioner coach manager officer inspector detective sheriff attorney prosecutor lawyer analyst economist
    editor author engineer adviser advisor deputy head lawmaker resident activist founder owner executive dean
    """.split()
)
DETERMINERS = frozenset(
    """
    a an the his her its their our this that these those some one two three four five six several many most other
    another no each both all
    """.split()
)
PEOPLE = frozenset(
    """
    officials police residents people analysts experts critics supporters witnesses rescuers lawyers prosecutors
    investigators scientists researchers doctors lawmakers authorities sources economists traders aides diplomats
    activists opponents protesters relatives neighbours neighbors judges lawmakers villagers survivors soldiers
    organisers organizers unions workers farmers teachers parents campaigners engineers inspectors regulators
    organizers historians observers bankers investors dealers brokers spokesmen ministers parliamentarians
    """.split()
)
PRONOUNS = frozenset("he she they it we i you who which that what".split())
LINKS = frozenset("de da di del la van von der den bin ibn al el of the and & for".split())
PARTICLES = frozenset("de da di del della la le van von der den bin ibn al el dos du ter ten zu".split())
BETWEEN = frozenset(
    """
    has have had also later then again once first already still simply only even just repeatedly now would did meanwhile
    however instead
    """.split()
)
BREAKS = frozenset("that while but and as because although though when if whether after before".split())
PLACES = frozenset("in at of from to for near on by with the about against into over under outside inside".split())
BODIES = frozenset(
    """
    university institute center centre office department ministry agency bank hospital college school company council
    committee court party house street river valley dam city county province state states kingdom union nations
    republic association foundation federation commission party times post ledger telegraph radio hydro group inc corp
    ltd club service force army navy sea lake island islands bay mount mountain road bridge airport station hills
    """.split()
)
DAYS = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december
    """.split()
)

# Verbs in the past, and some in the present, that do not end in `ed`.
PAST = frozenset(
    """
    took won lost sent found left hit shot saw built bought sold made got paid cost rose fell sank died fled came went
    held gave led met ran told kept cut put set spent taught caught fought brought began broke drew drove ate flew grew
    hid knew laid lay rode sang shook sought spoke stole struck swore threw wore wrote has have holds employs owns runs
    needs wants includes contains counts kills killed burnt sunk
    spoke lay felt thought heard read stood sat swam woke
    """.split()
)
