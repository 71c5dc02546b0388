# What both generators share: numbers at random, dates, JSON lines, and the people of the company.
#
# Random numbers are Park and Miller's "minimal standard" generator (CACM 31, 1988), which needs
# integers below 2^53 only: so every awk gives the same world for the same seed.

function random(n) {            # 0 .. n - 1
    SEED = (SEED * 16807) % 2147483647
    return int(SEED / 2147483647 * n)
}

function between(low, high) {
    return low + random(high - low + 1)
}

function chance(percent) {
    return random(100) < percent
}

# One of the words of a list "a|b|c".
function pick(list,    words, n) {
    n = split(list, words, "|")
    return words[1 + random(n)]
}

# ---- dates: days since 1970-01-01 (the civil-date algorithm of Howard Hinnant)

function day_number(year, month, day,    era, yoe, doy) {
    if (month <= 2)
        year--
    era = int(year / 400)
    yoe = year - era * 400
    doy = int((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
    return era * 146097 + yoe * 365 + int(yoe / 4) - int(yoe / 100) + doy - 719468
}

function date(day,    era, doe, yoe, year, doy, mp, month) {
    day += 719468
    era = int(day / 146097)
    doe = day - era * 146097
    yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
    doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100))
    mp = int((5 * doy + 2) / 153)
    month = mp < 10 ? mp + 3 : mp - 9
    year = yoe + era * 400 + (month <= 2)
    return sprintf("%04d-%02d-%02d", year, month, doy - int((153 * mp + 2) / 5) + 1)
}

# A time given in seconds since 1970.
function datetime(seconds,    day, rest) {
    day = int(seconds / 86400)
    rest = seconds - day * 86400
    return sprintf("%sT%02d:%02d:%02dZ", date(day), int(rest / 3600), int(rest % 3600 / 60), rest % 60)
}

function is_weekend(day) {      # 1970-01-01 was a Thursday
    return day % 7 == 2 || day % 7 == 3
}

function workday(day) {
    while (is_weekend(day))
        day++
    return day
}

# Some minute of a working day, as seconds since 1970.
function office_hour(day) {
    return workday(day) * 86400 + between(7, 15) * 3600 + between(0, 11) * 300
}

# ---- JSON lines

function quoted(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    return "\"" text "\""
}

function node(type) {
    LINE = "{\"type\":" quoted(type) ",\"data\":{"
    COMMA = ""
}

function edge(type, from, to) {
    LINE = "{\"edge\":" quoted(type) ",\"from\":" quoted(from) ",\"to\":" quoted(to) ",\"data\":{"
    COMMA = ""
}

function raw(name, value) {     # a number, a boolean, null, or JSON that is made already
    LINE = LINE COMMA quoted(name) ":" value
    COMMA = ","
}

function str(name, value) {
    raw(name, quoted(value))
}

function list(name, words,    word, n, i, text) {
    n = split(words, word, "|")
    for (i = 1; i <= n; i++)
        text = text (i > 1 ? "," : "") quoted(word[i])
    raw(name, "[" text "]")
}

function put() {
    print LINE "}}"
}

function bare_edge(type, from, to) {
    edge(type, from, to)
    put()
}

# ---- subjects: what texts speak of. A text's vector has one dimension for each of the 16.

function subject(slug, name, wider, keywords, sentences) {
    SUBJECTS++
    SUBJECT[SUBJECTS] = slug
    SUBJECT_NAME[slug] = name
    SUBJECT_WIDER[slug] = wider
    SUBJECT_WORDS[slug] = keywords
    SUBJECT_TEXT[slug] = sentences
    SUBJECT_AT[slug] = SUBJECTS
}

# By Newton: some awks are built without mathematics.
function root(x,    r, i) {
    r = x > 1 ? x : 1
    for (i = 0; i < 40; i++)
        r = (r + x / r) / 2
    return r
}

# A vector of unit length (to four digits), heavy on one subject and lighter on another.
function vector(first, second,    i, v, sum, text) {
    for (i = 1; i <= SUBJECTS; i++) {
        v[i] = between(0, 60) / 1000 + 0.01
        if (i == SUBJECT_AT[first])
            v[i] += 0.8
        if (i == SUBJECT_AT[second])
            v[i] += 0.4
        sum += v[i] * v[i]
    }
    for (i = 1; i <= SUBJECTS; i++)
        text = text (i > 1 ? "," : "") sprintf("%.4f", v[i] / root(sum))
    return "[" text "]"
}

# Some sentences about two subjects, none of them twice; {project}, {place} and {n} are filled in.
function prose(first, second, sentences, project,    used, i, of, n, options, at, tries, text) {
    for (i = 0; i < sentences; i++) {
        of = i % 3 == 2 ? second : first
        n = split(SUBJECT_TEXT[of], options, "|")
        at = 1 + random(n)
        for (tries = 0; tries < n && used[of, at]; tries++)
            at = at % n + 1
        if (used[of, at]++)
            continue
        text = text (text ? " " : "") options[at]
    }
    gsub(/\{project\}/, project, text)
    gsub(/\{place\}/, pick("Bergen|Hamburg|Gdańsk|Rotterdam|İzmir"), text)
    while (text ~ /\{n\}/)
        sub(/\{n\}/, between(3, 48), text)
    return text
}

function make_subjects() {
    subject("water-quality", "Water quality", "", "drinking water|sampling|limits|network|safety",
        "The network in {place} showed {n} samples outside the expected band last quarter.|" \
        "Residual chlorine falls fastest where the pipes are oldest, not where they are longest.|" \
        "Operators trust a number more when they see the three before it.|" \
        "A customer complaint precedes the sensor alarm in one case of {n}.|" \
        "Sampling once an hour is enough in winter; in August it is not.")
    subject("turbidity", "Turbidity", "water-quality", "optics|fouling|NTU|backscatter|wiper",
        "Fouling raises the turbidity reading by about {n} per cent a month when the wiper is off.|" \
        "The backscatter channel saturates above four hundred NTU, and then says zero.|" \
        "After heavy rain the intake at {place} reads high for {n} hours.|" \
        "A dirty lens and dirty water look the same in one reading, and different over a day.")
    subject("calibration", "Calibration", "water-quality", "drift|reference|standard|traceability",
        "Drift is linear for the first {n} weeks and unpredictable after.|" \
        "The reference solution must not be older than {n} days; the label now says so.|" \
        "Two technicians calibrating the same probe differ by less than the probe itself.|" \
        "Each certificate names the standard, the lot and the person, so that an auditor can go back.")
    subject("telemetry", "Telemetry", "", "uplink|gateway|packets|batteries|coverage",
        "We lose {n} packets in ten thousand, nearly all of them on two gateways.|" \
        "A late reading is worth keeping: the gap matters more than the delay.|" \
        "Batteries in {place} lasted {n} months longer once the retries were spaced out.|" \
        "Every packet carries its sequence number, so a gap can be told from silence.")
    subject("lorawan", "LoRaWAN", "telemetry", "spreading factor|airtime|join|gateway",
        "Joining again after a power cut took the whole fleet {n} minutes.|" \
        "At spreading factor twelve one message costs the airtime of {n} at seven.|" \
        "The gateway on the water tower in {place} hears devices {n} kilometres away.|" \
        "Adaptive data rate helps devices that stand still, which is all of ours.")
    subject("edge-firmware", "Edge firmware", "telemetry", "bootloader|update|watchdog|flash|C",
        "The bootloader keeps the old image until the new one has reported twice.|" \
        "The watchdog fired {n} times in the field, always while writing to flash.|" \
        "An update is a delta of about {n} kilobytes; the full image is a last resort.|" \
        "{project} needs the clock to survive a brown-out, which it does not today.")
    subject("machine-learning", "Machine learning", "", "features|training|evaluation|models",
        "The simple model explains the result nearly as well, and can be explained itself.|" \
        "Evaluation uses whole weeks that training never saw, from other cities.|" \
        "A feature that helps in {place} and hurts elsewhere is a fact about {place}.|" \
        "{project} retrains each month and is allowed to lose against the old model.")
    subject("anomaly-detection", "Anomaly detection", "machine-learning", "threshold|false alarm|seasonality|burst",
        "Of {n} alarms last month, four were bursts and the rest were maintenance.|" \
        "A threshold that follows the season halves the false alarms.|" \
        "Operators silence a detector after the third false alarm of a night.|" \
        "The night minimum flow finds small leaks that no pressure sensor sees.")
    subject("time-series", "Time-series storage", "", "compression|retention|queries|downsampling",
        "A month of one sensor takes {n} kilobytes after compression.|" \
        "Queries over a year read the hourly averages; nobody has noticed a difference.|" \
        "Retention is set by contract: {n} months raw, ten years aggregated.|" \
        "Late data reopens a closed block, which is slow and rare.")
    subject("api-design", "API design", "", "versioning|pagination|errors|contracts",
        "An error says what to do next; the status code alone has never helped anybody.|" \
        "Version two removes {n} endpoints that nobody has called since spring.|" \
        "Pages are addressed by the last key seen, for offsets shift while one reads.|" \
        "Partners integrate from the examples and never open the reference.")
    subject("data-governance", "Data governance", "", "privacy|ownership|access|deletion",
        "Household readings are personal data as soon as they are finer than {n} minutes.|" \
        "Each data set has one owner by name; a team is not a name.|" \
        "A deletion request reaches the backups within {n} days.|" \
        "Access is granted for a purpose and ends with it.")
    subject("regulation", "Regulation", "data-governance", "directive|audit|reporting|evidence",
        "The directive asks for evidence of the measuring chain, not for a certificate of each part.|" \
        "The auditor in {place} wanted {n} readings traced back to their calibration.|" \
        "Reporting moves from yearly to monthly, which only works without manual steps.|" \
        "What is lawful in one country needs a permit in the next.")
    subject("incident-response", "Incident response", "", "pager|commander|postmortem|rollback",
        "The first {n} minutes went into finding out who was responsible.|" \
        "Rolling back was faster than understanding, and should have come first.|" \
        "The runbook named a host that was retired in spring.|" \
        "A commander who also debugs does neither.|" \
        "Customers learned of it from us, {n} minutes before they would have noticed.")
    subject("supply-chain", "Supply chain", "", "lead time|second source|stock|components",
        "Lead time for the pressure cell is {n} weeks and rising.|" \
        "A second source costs {n} per cent more and has saved us twice.|" \
        "Stock in {place} covers one quarter of field replacements.|" \
        "The part was declared end-of-life with {n} weeks of notice.")
    subject("field-service", "Field service", "", "technician|route|replacement|installation",
        "A visit costs more than the sensor, so the visit is what we design for.|" \
        "Technicians in {place} change {n} probes on a good day.|" \
        "Half of the returned devices have no fault but a loose gland.|" \
        "The installation guide fits on one page since the second edition.")
    subject("sustainability", "Sustainability", "", "leakage|energy|repair|lifetime",
        "Every prevented leak saves about {n} cubic metres a day.|" \
        "Repairing a probe takes {n} minutes and saves a kilogram of waste.|" \
        "Pumps run at night in {place}, when power is cheap and clean.|" \
        "Lifetime, not weight, decides the footprint of a sensor.")
}

# ---- people

# The handle of "Jørgen:jorgen" (or of a name that is spelt alike in both) and a family name.
function handle_of(given, family,    g, f) {
    split(given, g, ":")
    split(family, f, ":")
    return (g[2] ? g[2] : tolower(g[1])) "." (f[2] ? f[2] : tolower(f[1]))
}

function person(given, family, job, unit,    handle, g, f) {
    handle = handle_of(given, family)
    if (handle in PERSON_NAME)
        handle = handle (++NAMESAKES[handle] + 1)
    split(given, g, ":")
    split(family, f, ":")
    PEOPLE++
    PERSON[PEOPLE] = handle
    PERSON_NAME[handle] = g[1] " " f[1]
    PERSON_JOB[handle] = job
    PERSON_UNIT[handle] = unit
    UNIT[unit, ++UNIT_SIZE[unit]] = handle
    # The heads of departments are there from the start.
    PERSON_JOINED[handle] = FOUNDED + (UNIT_SIZE[unit] == 1 ? between(0, 300) : between(300, LAST_DAY - FOUNDED - 60))
    return handle
}

function anybody(unit, job,    tries, culture, given, family) {
    for (tries = 0; tries < 20; tries++) {
        culture = 1 + random(5)
        given = pick(GIVEN[culture])
        family = pick(FAMILY[culture])
        if (!(handle_of(given, family) in PERSON_NAME))
            break
    }
    return person(given, family, job, unit)
}

function make_names() {
    GIVEN[1] = "Ingrid|Solveig|Astrid|Lars|Jørgen:jorgen|Håkon:hakon|Marit|Sindre|Eirik|Tuva"
    FAMILY[1] = "Berge|Nilsen|Haugen|Dahl|Moen|Strand|Lunde|Aasen|Bakke|Sørlie:sorlie"
    GIVEN[2] = "Anke|Jonas|Katrin|Lukas|Sabine|Tilo|Friederike|Malte|Jürgen:jurgen|Wiebke"
    FAMILY[2] = "Brandt|Petersen|Vogel|Lorenz|Krüger:kruger|Hinrichs|Scholz|Wendt|Ahrens|Behrens"
    GIVEN[3] = "Agnieszka|Piotr|Małgorzata:malgorzata|Tomasz|Ewa|Jakub|Zofia|Paweł:pawel|Hanna|Michał:michal"
    FAMILY[3] = "Nowak|Wójcik:wojcik|Mazur|Krawczyk|Dudek|Pawlak|Król:krol|Wrona|Sikora|Bielak"
    GIVEN[4] = "Sanne|Daan|Femke|Joost|Lotte|Bram|Maartje|Thijs|Anouk|Ruben"
    FAMILY[4] = "Bakker|Visser|Smit|Meijer|Mulder|Bos|Dekker|Kok|Vermeer|Prins"
    GIVEN[5] = "Aylin|Emre|Zeynep|Mehmet|Elif|Kerem|Defne|Burak|Selin|Onur"
    FAMILY[5] = "Yılmaz:yilmaz|Kaya|Şahin:sahin|Çelik:celik|Arslan|Koç:koc|Aydın:aydin|Doğan:dogan|Polat|Erdem"
}

# The employees, department by department; the first of a department leads it.
function make_people(    i) {
    FOUNDED = day_number(2016, 3, 1)
    LAST_DAY = day_number(2025, 12, 31)
    make_names()
    person("Ingrid", "Solberg", "Chief executive", "board")
    person("Marek", "Kowalski", "Head of software", "software")
    person("Grace", "Okafor", "Head of platform", "platform")
    person("Tomas", "Brandt", "Head of research", "research")
    person("Aylin", "Demir", "Head of data", "data")
    anybody("hardware", "Head of hardware")
    anybody("field", "Head of field service")
    anybody("sales", "Head of sales")
    anybody("operations", "Head of operations")
    for (i = 0; i < 28; i++)
        anybody("software", pick("Software engineer|Software engineer|Senior software engineer|Staff engineer"))
    for (i = 0; i < 17; i++)
        anybody("platform", pick("Platform engineer|Reliability engineer|Senior platform engineer"))
    for (i = 0; i < 13; i++)
        anybody("data", pick("Data engineer|Data scientist|Analyst"))
    for (i = 0; i < 11; i++)
        anybody("research", pick("Researcher|Senior researcher|Laboratory technician"))
    for (i = 0; i < 19; i++)
        anybody("hardware", pick("Electronics engineer|Mechanical engineer|Firmware engineer|Test engineer"))
    for (i = 0; i < 22; i++)
        anybody("field", pick("Field technician|Field technician|Regional coordinator"))
    for (i = 0; i < 14; i++)
        anybody("sales", pick("Account manager|Solution engineer|Tender specialist"))
    for (i = 0; i < 9; i++)
        anybody("operations", pick("Buyer|Controller|People partner|Office manager"))
    EMPLOYEES = PEOPLE
}

# Somebody of a department who is there on a day; its head in the end.
function from_unit(unit, day,    tries, handle) {
    for (tries = 0; tries < 12; tries++) {
        handle = UNIT[unit, 1 + random(UNIT_SIZE[unit])]
        if (PERSON_JOINED[handle] <= day)
            return handle
    }
    return UNIT[unit, 1]
}

function begin_world(seed) {
    SEED = seed % 2147483646 + 1
    random(2); random(2); random(2)     # small seeds start with small numbers
    make_subjects()
    make_people()
}
