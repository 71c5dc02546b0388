# The knowledge graph: people and partners, projects and tasks, documents, meetings, decisions.

BEGIN {
    begin_world(seed)
    offices()
    holidays()
    topics()
    organizations()
    employees()
    partners()
    experts()
    projects()
    tasks()
    documents()
    meetings()
}

function office(city, country, address, desks, year, month, latitude, longitude) {
    node("Office")
    str("city", city); str("country", country); str("address", address); raw("desks", desks)
    str("opened", date(day_number(year, month, 1)))
    raw("latitude", latitude); raw("longitude", longitude)
    put()
}

function offices() {
    office("Bergen", "NO", "Damsgårdsveien 131, 5160 Bergen", 64, 2016, 3, 60.3838, 5.3003)
    office("Hamburg", "DE", "Große Elbstraße 145, 22767 Hamburg", 38, 2018, 9, 53.5449, 9.9405)
    office("Gdańsk", "PL", "Doki 1, 80-863 Gdańsk", 42, 2019, 5, 54.3641, 18.6489)
    office("Rotterdam", "NL", "Maashaven Zuidzijde 2, 3081 Rotterdam", 24, 2020, 11, 51.8958, 4.4971)
    office("İzmir", "TR", "Liman Caddesi 27, 35220 İzmir", 18, 2022, 2, 38.4437, 27.1456)
}

function holidays_of(country, days,    year, n, i, part, entry) {
    n = split(days, entry, "|")
    for (year = 2023; year <= 2026; year++)
        for (i = 1; i <= n; i++) {
            split(entry[i], part, "=")
            node("Holiday")
            str("country", country); str("day", year "-" part[1]); str("name", part[2])
            put()
        }
}

function holidays() {
    holidays_of("NO", "01-01=Første nyttårsdag|05-01=Arbeidernes dag|05-17=Grunnlovsdagen|" \
        "12-25=Første juledag|12-26=Andre juledag")
    holidays_of("DE", "01-01=Neujahr|05-01=Tag der Arbeit|10-03=Tag der Deutschen Einheit|" \
        "10-31=Reformationstag|12-25=Erster Weihnachtstag|12-26=Zweiter Weihnachtstag")
    holidays_of("PL", "01-01=Nowy Rok|01-06=Trzech Króli|05-01=Święto Pracy|" \
        "05-03=Święto Konstytucji 3 Maja|08-15=Wniebowzięcie NMP|11-01=Wszystkich Świętych|" \
        "11-11=Święto Niepodległości|12-25=Boże Narodzenie|12-26=Drugi dzień Bożego Narodzenia")
    holidays_of("NL", "01-01=Nieuwjaarsdag|05-05=Bevrijdingsdag|12-25=Eerste kerstdag|12-26=Tweede kerstdag")
    holidays_of("TR", "01-01=Yılbaşı|04-23=Ulusal Egemenlik ve Çocuk Bayramı|05-01=Emek ve Dayanışma Günü|" \
        "05-19=Gençlik ve Spor Bayramı|07-15=Demokrasi ve Millî Birlik Günü|08-30=Zafer Bayramı|" \
        "10-29=Cumhuriyet Bayramı")
}

function topics(    i, slug) {
    for (i = 1; i <= SUBJECTS; i++) {
        slug = SUBJECT[i]
        node("Topic")
        str("slug", slug); str("name", SUBJECT_NAME[slug]); list("keywords", SUBJECT_WORDS[slug])
        put()
        if (SUBJECT_WIDER[slug])
            bare_edge("Narrows", slug, SUBJECT_WIDER[slug])
    }
}

# ---- organizations

function organization(slug, name, kind, country, founded, other_names) {
    node("Organization")
    str("slug", slug); str("name", name); str("kind", kind); str("country", country)
    raw("founded", founded ? founded : "null")
    str("homepage", "https://www." slug ".example")
    if (other_names)
        list("also_known_as", other_names)
    put()
    if (kind != "own") {
        ORGANIZATIONS++
        ORGANIZATION[ORGANIZATIONS] = slug
        ORGANIZATION_KIND[slug] = kind
    }
}

function organizations() {
    organization("fjordline", "Fjordline Sensing AS", "own", "NO", 2016, "Fjordline|FLS")
    organization("hordaland-vann", "Hordaland Vann IKS", "utility", "NO", 1978, "HV")
    organization("nordelbe-wasser", "Nordelbe Wasserwerke GmbH", "utility", "DE", 1894, "NEW")
    organization("motlawa-wodociagi", "Motława Wodociągi Sp. z o.o.", "utility", "PL", 1954, "Motława")
    organization("delta-drinkwater", "Delta Drinkwater N.V.", "utility", "NL", 1931, "")
    organization("korfez-su", "Körfez Su İdaresi", "utility", "TR", 1984, "KSİ")
    organization("ostfjord-kommune", "Østfjord kommune, vann og avløp", "utility", "NO", "", "")
    organization("alster-netz", "Alster Netz AG", "utility", "DE", 1999, "")
    organization("zulawy-kanal", "Żuławy Kanał S.A.", "utility", "PL", 2003, "")
    organization("waterkring-zuid", "Waterkring Zuid", "utility", "NL", 1968, "WZ")
    organization("baltic-optics", "Baltic Optics OÜ", "supplier", "EE", 2007, "")
    organization("kern-druck", "Kern Drucksensorik GmbH", "supplier", "DE", 1986, "Kern")
    organization("polaris-cells", "Polaris Cells Oy", "supplier", "FI", 2011, "")
    organization("lumen-board", "Lumen Board Sp. z o.o.", "supplier", "PL", 2014, "")
    organization("vest-radio", "Vest Radio AS", "supplier", "NO", 1996, "")
    organization("havn-universitet", "Havn universitet", "university", "NO", 1946, "HU")
    organization("tu-elbmarsch", "Technische Universität Elbmarsch", "university", "DE", 1873, "TUE")
    organization("politechnika-motlawska", "Politechnika Motławska", "university", "PL", 1904, "PM")
    organization("vann-tilsynet", "Vanntilsynet", "regulator", "NO", 2004, "")
    organization("wasseramt-nord", "Wasseramt Nord", "regulator", "DE", 1976, "")
}

# ---- people

function describe_person(handle, email, job, kind, joined, left, languages, hours) {
    node("Person")
    str("handle", handle); str("name", PERSON_NAME[handle]); str("email", email); str("job", job)
    str("kind", kind)
    if (languages)
        list("languages", languages)
    str("joined", date(joined))
    raw("left", left ? quoted(date(left)) : "null")
    raw("remote", chance(12) ? "true" : "false"); raw("weekly_hours", hours)
    put()
}

function employees(    i, handle, unit, left, cities) {
    cities["board"] = "Bergen"
    cities["software"] = "Bergen|Gdańsk|Gdańsk|Hamburg"
    cities["platform"] = "Gdańsk|Hamburg|Bergen"
    cities["data"] = "Hamburg|İzmir|Bergen"
    cities["research"] = "Bergen|Hamburg"
    cities["hardware"] = "Bergen|Bergen|Gdańsk"
    cities["field"] = "Bergen|Hamburg|Gdańsk|Rotterdam|İzmir"
    cities["sales"] = "Rotterdam|Hamburg|Bergen|İzmir"
    cities["operations"] = "Bergen|Rotterdam"
    for (i = 1; i <= EMPLOYEES; i++) {
        handle = PERSON[i]
        unit = PERSON_UNIT[handle]
        left = unit == "operations" && i > 9 && chance(40) ? PERSON_JOINED[handle] + between(200, 900) : 0
        if (left > LAST_DAY)
            left = 0
        describe_person(handle, handle "@fjordline.example", PERSON_JOB[handle], chance(8) && i > 9 ? "contractor" : "employee",
            PERSON_JOINED[handle], left, languages(), chance(80) ? 40 : between(4, 7) * 5)
        edge("WorksFor", handle, "fjordline")
        str("since", date(PERSON_JOINED[handle]))
        put()
        bare_edge("BasedIn", handle, pick(cities[unit]))
        if (i > 1)
            bare_edge("ReportsTo", handle, superior(i, unit))
    }
}

# The head of a department reports to the chief executive, the next three to the head, everybody
# else to one of those three.
function superior(i, unit,    at) {
    for (at = 1; at <= UNIT_SIZE[unit] && UNIT[unit, at] != PERSON[i]; at++)
        ;
    if (at == 1)
        return UNIT["board", 1]
    if (at <= 4)
        return UNIT[unit, 1]
    return UNIT[unit, 2 + at % 3]
}

function partners(    i, n, of, handle, joined) {
    for (i = 1; i <= ORGANIZATIONS; i++) {
        of = ORGANIZATION[i]
        for (n = between(2, 4); n > 0; n--) {
            handle = anybody(of, partner_job(ORGANIZATION_KIND[of]))
            joined = PERSON_JOINED[handle]
            describe_person(handle, handle "@" of ".example", PERSON_JOB[handle], "partner", joined, 0, "", 40)
            edge("WorksFor", handle, of)
            str("since", date(joined))
            put()
        }
    }
}

function partner_job(kind) {
    if (kind == "utility")
        return pick("Network operator|Head of water quality|Plant engineer|Procurement lead")
    if (kind == "supplier")
        return pick("Key account manager|Application engineer")
    if (kind == "university")
        return pick("Professor|Postdoctoral researcher|Doctoral candidate")
    return pick("Inspector|Legal adviser")
}

function experts(    i, n, handle, slug, seen) {
    for (i = 1; i <= EMPLOYEES; i++) {
        handle = PERSON[i]
        if (chance(15))
            continue
        for (n = between(1, 4); n > 0; n--) {
            slug = SUBJECT[1 + random(SUBJECTS)]
            if (seen[handle, slug]++)
                continue
            edge("ExpertIn", handle, slug)
            str("level", pick("learning|practitioner|practitioner|authority")); raw("endorsements", random(25))
            put()
        }
    }
}

# ---- projects and tasks

function project(slug, title, summary, first, second, year, month, status,    starts, length_) {
    starts = workday(day_number(year, month, between(1, 20)))
    length_ = between(200, 640)
    PROJECTS++
    PROJECT[PROJECTS] = slug
    PROJECT_TITLE[slug] = title
    PROJECT_FIRST[slug] = first
    PROJECT_SECOND[slug] = second
    PROJECT_STARTS[slug] = starts
    PROJECT_ENDS[slug] = starts + length_ > LAST_DAY ? LAST_DAY : starts + length_
    PROJECT_STATUS[slug] = status
    node("Project")
    str("slug", slug); str("title", title); str("summary", summary); str("status", status)
    str("starts", date(starts))
    raw("ends", status == "shipped" || status == "cancelled" ? quoted(date(PROJECT_ENDS[slug])) : "null")
    raw("budget", status == "proposed" ? "null" : between(8, 240) * 5000 ".5")
    raw("confidential", chance(15) ? "true" : "false")
    str("created_at", datetime(office_hour(starts - between(20, 90))))
    raw("updated_at", quoted(datetime(office_hour(PROJECT_ENDS[slug] - between(1, 30)))))
    put()
    staff(slug)
    if (chance(60)) {
        edge("Sponsors", ORGANIZATION[1 + random(9)], slug)
        raw("amount", between(4, 60) * 2500 ".25")
        put()
    }
}

# Who works in a project: a lead and some others, nobody twice.
function staff(slug,    n, i, handle, seen, unit) {
    n = between(4, 9)
    for (i = 1; i <= n; i++) {
        unit = pick("software|software|platform|data|research|hardware|field|sales")
        handle = from_unit(unit, PROJECT_STARTS[slug])
        if (seen[handle]++)
            continue
        TEAM[slug, ++TEAM_SIZE[slug]] = handle
        edge("ContributesTo", handle, slug)
        str("role", TEAM_SIZE[slug] == 1 ? "lead" : pick("engineer|engineer|designer|analyst|reviewer"))
        str("since", date(PROJECT_STARTS[slug] + random(120)))
        put()
    }
}

function member(slug) {
    return TEAM[slug, 1 + random(TEAM_SIZE[slug])]
}

function projects() {
    project("clear-lens", "Clear Lens", "A probe that notices that it is dirty", "turbidity", "field-service", 2022, 2, "shipped")
    project("night-flow", "Night Flow", "Finding leaks from the minimum flow at night", "anomaly-detection", "sustainability", 2022, 5, "shipped")
    project("long-breath", "Long Breath", "Ten years on one battery", "telemetry", "edge-firmware", 2023, 1, "active")
    project("two-keys", "Two Keys", "Signed updates for every device in the field", "edge-firmware", "regulation", 2023, 3, "active")
    project("paper-trail", "Paper Trail", "Every reading traced back to its calibration", "calibration", "regulation", 2023, 4, "active")
    project("open-tap", "Open Tap", "The public interface for utilities and their contractors", "api-design", "data-governance", 2023, 6, "shipped")
    project("deep-archive", "Deep Archive", "Ten years of readings at a tenth of the price", "time-series", "data-governance", 2023, 8, "active")
    project("quiet-pager", "Quiet Pager", "Half the alarms, none of them missed", "incident-response", "anomaly-detection", 2023, 9, "active")
    project("second-source", "Second Source", "No part that only one supplier makes", "supply-chain", "sustainability", 2023, 10, "active")
    project("one-visit", "One Visit", "Installed, joined and calibrated in one visit", "field-service", "lorawan", 2024, 1, "active")
    project("storm-watch", "Storm Watch", "Intake warnings before the rain arrives", "machine-learning", "turbidity", 2024, 2, "active")
    project("tower-net", "Tower Net", "Gateways on water towers instead of roofs", "lorawan", "telemetry", 2024, 3, "active")
    project("fair-share", "Fair Share", "Household readings without household data", "data-governance", "water-quality", 2024, 4, "paused")
    project("chlorine-map", "Chlorine Map", "Residual chlorine for every street", "water-quality", "machine-learning", 2024, 5, "active")
    project("repair-cafe", "Repair Café", "Probes that can be opened, mended and closed again", "sustainability", "field-service", 2024, 6, "active")
    project("golden-week", "Golden Week", "A reference data set of six cities", "machine-learning", "data-governance", 2024, 8, "active")
    project("version-two", "Version Two", "The second edition of the interface", "api-design", "time-series", 2024, 9, "active")
    project("blue-lamp", "Blue Lamp", "Organic carbon by ultraviolet light", "water-quality", "calibration", 2024, 10, "active")
    project("slow-clock", "Slow Clock", "Time that survives a brown-out", "edge-firmware", "telemetry", 2024, 11, "active")
    project("green-audit", "Green Audit", "Footprint figures that an auditor accepts", "sustainability", "regulation", 2025, 1, "active")
    project("echo", "Echo", "Listening for leaks in the pipe wall", "anomaly-detection", "machine-learning", 2025, 2, "active")
    project("spare-wheel", "Spare Wheel", "A second region for everything that pages", "incident-response", "time-series", 2025, 3, "active")
    project("salt-line", "Salt Line", "Salt water in coastal wells", "water-quality", "turbidity", 2025, 4, "proposed")
    project("plain-words", "Plain Words", "Alarms that an operator understands at three in the morning", "incident-response", "api-design", 2025, 5, "active")
    project("first-mile", "First Mile", "From the loading dock to the first reading in an hour", "supply-chain", "lorawan", 2025, 6, "active")
    project("ice-road", "Ice Road", "Probes below a frozen surface", "field-service", "edge-firmware", 2022, 10, "cancelled")
    project("loud-pipe", "Loud Pipe", "Pressure waves as a data link", "telemetry", "machine-learning", 2022, 8, "cancelled")
    project("next-decade", "Next Decade", "What the directive will ask for in 2030", "regulation", "water-quality", 2025, 9, "proposed")
}

function tasks(    i, j, n, slug, name, status, due, estimate, seen, who, other) {
    for (i = 1; i <= PROJECTS; i++) {
        slug = PROJECT[i]
        n = between(12, 22)
        for (j = 1; j <= n; j++) {
            name = sprintf("%s-%02d", slug, j)
            due = office_hour(PROJECT_STARTS[slug] + between(20, 700))
            status = due < LAST_DAY * 86400 - 5000000 ? pick("done|done|done|done|dropped|open") : pick("open|open|doing|done")
            if (PROJECT_STATUS[slug] == "cancelled")
                status = pick("done|dropped|dropped")
            node("Task")
            str("slug", name); str("title", task_title(i % 2 ? PROJECT_FIRST[slug] : PROJECT_SECOND[slug]))
            str("status", status); raw("priority", between(1, 5))
            raw("due", chance(85) ? quoted(datetime(due)) : "null")
            raw("finished_at", status == "done" ? quoted(datetime(due - between(-20, 20) * 43200)) : "null")
            estimate = between(1, 160) / 4
            if (chance(70))
                raw("estimate_hours", estimate)
            list("labels", pick("bug|docs|customer|safety|debt|good-first-task"))
            put()
            bare_edge("PartOf", name, slug)
            if (status != "open" || chance(50))
                bare_edge("AssignedTo", name, member(slug))
            if (j > 2 && chance(35))
                bare_edge("Blocks", sprintf("%s-%02d", slug, between(1, j - 1)), name)
        }
    }
}

function task_title(slug,    words, n, thing) {
    n = split(SUBJECT_WORDS[slug], words, "|")
    thing = words[1 + random(n)]
    return pick("Measure|Document|Simplify|Replace|Review|Automate|Test|Agree on|Draw up|Retire") " the " thing " " \
        pick("procedure|check|report|defaults|dashboard|budget|limits|handover|inventory|plan")
}

# ---- documents

# A picture of one pixel, so that there is something binary.
function pixel() {
    return "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
}

function write_document(slug, kind, title, summary, first, second, owner, at, sentences,    body, words, n) {
    body = prose(first, second, sentences, PROJECT_TITLE[owner])
    n = split(body, words, " ")
    node("Document")
    str("slug", slug); str("kind", kind); str("title", title)
    if (summary)
        str("summary", summary)
    str("language", "en"); str("body", body); raw("words", n)
    list("tags", first "|" kind (chance(40) ? "|" second : ""))
    if (chance(5))
        str("thumbnail", pixel())
    raw("embedding", vector(first, second))
    str("created_at", datetime(at))
    raw("updated_at", chance(40) ? quoted(datetime(at + between(1, 60) * 86400)) : "null")
    put()
    edge("About", slug, first); raw("weight", between(55, 95) / 100); put()
    if (second != first) {
        edge("About", slug, second); raw("weight", between(10, 50) / 100); put()
    }
    bare_edge("Describes", slug, owner)
}

function documents(    i, slug, owner, kind, at, first, second, n, title) {
    for (i = 1; i <= 230; i++) {
        owner = PROJECT[1 + random(PROJECTS)]
        kind = pick("design-note|design-note|memo|report|guide")
        first = PROJECT_FIRST[owner]
        second = chance(70) ? PROJECT_SECOND[owner] : SUBJECT[1 + random(SUBJECTS)]
        slug = sprintf("doc-%04d", i)
        at = office_hour(PROJECT_STARTS[owner] + between(0, PROJECT_ENDS[owner] - PROJECT_STARTS[owner]))
        title = document_title(kind, first, owner)
        write_document(slug, kind, title, chance(60) ? "On " tolower(SUBJECT_NAME[first]) " in " PROJECT_TITLE[owner] : "",
            first, second, owner, at, between(3, 7))
        edge("Authored", member(owner), slug); raw("share", "1"); put()
        for (n = random(4); n > 0 && i > 8; n--)
            cite(slug, sprintf("doc-%04d", between(1, i - 1)))
    }
}

function cite(from, to) {
    if (!CITED[from, to]++)
        bare_edge("Cites", from, to)
}

function document_title(kind, slug, owner,    words, n, thing) {
    n = split(SUBJECT_WORDS[slug], words, "|")
    thing = words[1 + random(n)]
    if (kind == "guide")
        return "How to " pick("check|read|replace|explain") " the " thing
    if (kind == "report")
        return pick("What we learned about |A year of ") thing " in " PROJECT_TITLE[owner]
    if (kind == "memo")
        return PROJECT_TITLE[owner] ": " thing ", " pick("and what it costs|before the summer|an open question|a proposal")
    return pick("Notes on |The case for |Options for |Against more ") thing
}

# ---- meetings and what was decided in them

function meetings(    i, j, n, slug, owner, kind, at) {
    for (i = 1; i <= PROJECTS; i++) {
        owner = PROJECT[i]
        n = between(6, 12)
        for (j = 1; j <= n; j++) {
            slug = sprintf("%s-m%02d", owner, j)
            kind = pick("planning|review|review|customer|retrospective")
            at = office_hour(PROJECT_STARTS[owner] + int((PROJECT_ENDS[owner] - PROJECT_STARTS[owner]) * j / (n + 1)))
            meeting(slug, owner, kind, at)
            if (chance(45))
                decision(slug, owner, at)
        }
    }
}

function meeting(slug, owner, kind, at,    n, handle, seen, seat, record) {
    node("Meeting")
    str("slug", slug); str("title", PROJECT_TITLE[owner] ", " kind); str("kind", kind)
    str("starts_at", datetime(at)); raw("minutes", between(2, 12) * 15)
    raw("notes", chance(70) ? quoted(prose(PROJECT_FIRST[owner], PROJECT_SECOND[owner], 2, PROJECT_TITLE[owner])) : "null")
    put()
    bare_edge("Discussed", slug, owner)
    for (n = between(3, 8); n > 0; n--) {
        handle = chance(70) ? member(owner) : PERSON[1 + random(EMPLOYEES)]
        if (seen[handle]++)
            continue
        edge("Attended", handle, slug)
        str("role", !seat ? "chair" : seat == 1 ? "note-taker" : "attendee")
        put()
        seat++
    }
    if (chance(25)) {
        record = "minutes-" slug
        write_document(record, "minutes", "Minutes: " PROJECT_TITLE[owner] ", " kind, "", PROJECT_FIRST[owner],
            PROJECT_SECOND[owner], owner, at + 7200, 3)
        bare_edge("Authored", member(owner), record)
        bare_edge("RecordedIn", slug, record)
    }
}

# A later decision of the same project sometimes replaces the one before.
function decision(meeting_slug, owner, at,    slug, replaces, words, n, thing, status) {
    DECISIONS++
    slug = sprintf("dec-%03d", DECISIONS)
    n = split(SUBJECT_WORDS[PROJECT_FIRST[owner]], words, "|")
    thing = words[1 + random(n)]
    replaces = LAST_DECISION[owner] && chance(30) ? LAST_DECISION[owner] : ""
    status = pick("accepted|accepted|accepted|rejected|proposed")
    if (replaces)
        status = "accepted"
    node("Decision")
    str("slug", slug)
    str("title", pick("Standardise|Stop|Buy|Postpone|Publish|Measure|Insource") " " thing " for " PROJECT_TITLE[owner])
    str("status", status)
    raw("decided_on", status == "proposed" ? "null" : quoted(date(int(at / 86400))))
    str("rationale", prose(PROJECT_FIRST[owner], PROJECT_SECOND[owner], 2, PROJECT_TITLE[owner]))
    raw("reversible", chance(65) ? "true" : "false")
    put()
    bare_edge("DecidedIn", slug, meeting_slug)
    bare_edge("Affects", slug, owner)
    if (chance(15) && PROJECT[1] != owner)
        bare_edge("Affects", slug, PROJECT[1])
    if (replaces)
        bare_edge("Supersedes", slug, replaces)
    LAST_DECISION[owner] = slug
}

function languages(    mother) {
    mother = pick("no|de|pl|nl|tr")
    return mother "|en" (chance(25) ? "|" pick("fr|es|sv") : "")
}
