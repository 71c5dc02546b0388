# The engineering graph: teams and services, what was shipped, what broke and what helped.

BEGIN {
    begin_world(seed)
    FIRST_DAY = day_number(2023, 1, 2)
    repositories()
    teams()
    runbooks()
    alerts()
    deployments()
    incidents()
    on_call()
}

# ---- repositories and services

function repository(slug, language, size_kb, archived) {
    REPOSITORIES++
    REPOSITORY[REPOSITORIES] = slug
    node("Repository")
    str("slug", slug); str("url", "https://code.fjordline.example/" slug); str("language", language)
    str("default_branch", "main"); raw("size_kb", size_kb); raw("archived", archived)
    put()
}

function repositories() {
    repository("probe-firmware", "c", 48211, "false")
    repository("gateway-firmware", "c", 31877, "false")
    repository("uplink", "rust", 12904, "false")
    repository("codec", "rust", 3310, "false")
    repository("ingest", "go", 18760, "false")
    repository("timeseries", "rust", 40122, "false")
    repository("rollups", "go", 7204, "false")
    repository("detectors", "python", 22980, "false")
    repository("models", "python", 118340, "false")
    repository("alarms", "elixir", 9871, "false")
    repository("notify", "elixir", 5402, "false")
    repository("public-api", "go", 15233, "false")
    repository("portal", "typescript", 87211, "false")
    repository("accounts", "go", 11870, "false")
    repository("billing", "go", 8344, "false")
    repository("calibration-book", "python", 6120, "false")
    repository("field-app", "typescript", 45120, "false")
    repository("device-registry", "go", 10233, "false")
    repository("maps", "typescript", 29870, "false")
    repository("infrastructure", "python", 5412, "false")
    repository("portal-classic", "typescript", 60330, "true")
    repository("ingest-v1", "python", 14220, "true")
}

function service(team, slug, name, purpose, tier, lifecycle, repository_slug, language_port) {
    SERVICES++
    SERVICE[SERVICES] = slug
    SERVICE_TIER[slug] = tier
    SERVICE_TEAM[slug] = team
    SERVICE_NAME[slug] = name
    node("Service")
    str("slug", slug); str("name", name); str("purpose", purpose); raw("tier", tier)
    str("lifecycle", lifecycle)
    raw("slo", tier == 1 ? "99.95" : tier == 2 ? "99.9" : tier == 3 ? "99.5" : "null")
    str("pager", team "-oncall@fjordline.example")
    raw("wiki_url", chance(80) ? quoted("https://wiki.fjordline.example/services/" slug) : "null")
    raw("ports", language_port ? "[" language_port "]" : "[]")
    put()
    edge("Owns", team, slug)
    str("since", date(FIRST_DAY + random(600)))
    put()
    bare_edge("BuiltFrom", slug, repository_slug)
}

# The services that a service calls: "name" is a hard dependency, "name?" a soft one.
function leans_on(slug, others,    word, n, i, soft) {
    n = split(others, word, " ")
    for (i = 1; i <= n; i++) {
        soft = sub(/\?$/, "", word[i])
        edge("DependsOn", slug, word[i])
        str("strength", soft ? "soft" : "hard")
        put()
    }
}

# ---- teams

function team(slug, name, purpose, year) {
    TEAMS++
    CREW[TEAMS] = slug
    node("Team")
    str("slug", slug); str("name", name); str("purpose", purpose); str("channel", "#" slug)
    str("formed", date(day_number(year, between(1, 12), 1)))
    put()
}

function teams() {
    team("devices", "Devices", "What runs in the pipe and on the tower", 2017)
    team("ingest", "Ingest", "From the gateway to the first durable byte", 2018)
    team("storage", "Storage", "Readings, found again after ten years", 2019)
    team("detection", "Detection", "Leaks, bursts and dirty lenses", 2020)
    team("alarms", "Alarms", "The right person, in time, once", 2020)
    team("interfaces", "Interfaces", "What customers and their contractors see", 2018)
    team("accounts", "Accounts", "Who may see what, and who pays", 2021)
    team("field-tools", "Field tools", "What technicians hold in their hands", 2021)
    team("platform", "Platform", "The floor that everybody stands on", 2019)
    engineers()
    services()
}

# Everybody in software and platform, and the firmware people of the hardware department.
function engineers(    i, handle) {
    for (i = 1; i <= EMPLOYEES; i++) {
        handle = PERSON[i]
        if (PERSON_UNIT[handle] ~ /^(software|platform|data)$/ || PERSON_JOB[handle] == "Firmware engineer")
            engineer(handle, crew_of(PERSON_UNIT[handle], i))
    }
}

# Software engineers are dealt out to the teams like cards.
function crew_of(unit, i,    crews, n) {
    if (unit == "platform")
        return pick("platform|storage|platform")
    if (unit == "data")
        return "detection"
    if (unit == "hardware")
        return "devices"
    n = split("ingest|alarms|interfaces|accounts|field-tools|storage|devices", crews, "|")
    return crews[1 + i % n]
}

function level(job) {
    if (job ~ /^Head/)
        return "principal"
    if (job ~ /^(Senior|Staff)/)
        return pick("senior|staff")
    return pick("junior|engineer|engineer|senior")
}

function engineer(handle, crew,    n, repo, seen) {
    node("Engineer")
    str("handle", handle); str("name", PERSON_NAME[handle]); str("level", level(PERSON_JOB[handle]))
    list("skills", skills(PERSON_UNIT[handle]))
    str("timezone", pick("Europe/Oslo|Europe/Berlin|Europe/Warsaw|Europe/Istanbul"))
    str("joined", date(PERSON_JOINED[handle]))
    put()
    MATE[crew, ++CREW_SIZE[crew]] = handle
    edge("MemberOf", handle, crew)
    str("since", date(PERSON_JOINED[handle])); raw("lead", CREW_SIZE[crew] == 1 ? "true" : "false")
    put()
    for (n = between(0, 3); n > 0; n--) {
        repo = REPOSITORY[1 + random(REPOSITORIES)]
        if (!seen[repo]++)
            bare_edge("Maintains", handle, repo)
    }
}

function skills(unit) {
    if (unit == "data")
        return pick("python|statistics") "|" pick("sql|machine-learning")
    if (unit == "platform")
        return pick("linux|networking") "|" pick("postgres|go|capacity")
    if (unit == "hardware")
        return "c|" pick("radio|low-power|flash")
    return pick("go|rust|elixir|typescript") "|" pick("api-design|testing|sql|c")
}

# Somebody of the team that owns a service who is there on a day; the head of platform in the end.
function mate(crew, day,    tries, handle) {
    for (tries = 0; tries < 12 && CREW_SIZE[crew]; tries++) {
        handle = MATE[crew, 1 + random(CREW_SIZE[crew])]
        if (PERSON_JOINED[handle] <= day)
            return handle
    }
    return UNIT["platform", 1]
}

function services() {
    service("devices", "probe", "Probe", "Measures, and sends what it measured", 2, "production", "probe-firmware", "")
    service("devices", "gateway", "Gateway", "Hears probes and forwards them", 1, "production", "gateway-firmware", "1700")
    service("devices", "update-server", "Update server", "Hands signed images to devices", 3, "production", "gateway-firmware", "8443")
    service("ingest", "uplink", "Uplink", "Receives packets from gateways", 1, "production", "uplink", "8883,8443")
    service("ingest", "decoder", "Decoder", "Turns packets into readings", 1, "production", "codec", "9100")
    service("ingest", "queue", "Queue", "Keeps readings until they are stored", 1, "production", "ingest", "9092")
    service("ingest", "dedup", "Deduplicator", "Drops what two gateways heard", 2, "production", "ingest", "9101")
    service("ingest", "ingest-legacy", "Ingest, first edition", "Three customers still send files", 4, "deprecated", "ingest-v1", "2121")
    service("storage", "timeseries", "Time series", "Stores readings", 1, "production", "timeseries", "5433,5434")
    service("storage", "rollups", "Rollups", "Hourly and daily figures", 2, "production", "rollups", "9110")
    service("storage", "archive", "Archive", "Ten years in cold storage", 3, "production", "timeseries", "9111")
    service("detection", "leak-detector", "Leak detector", "Finds leaks from the flow at night", 2, "production", "detectors", "9120")
    service("detection", "burst-detector", "Burst detector", "Finds bursts within a minute", 1, "production", "detectors", "9121")
    service("detection", "lens-watch", "Lens watch", "Tells dirty lenses from dirty water", 3, "production", "detectors", "9122")
    service("detection", "forecasts", "Forecasts", "Expected readings for tomorrow", 3, "production", "models", "9123")
    service("detection", "model-store", "Model store", "Every model that ever ran", 4, "production", "models", "9124")
    service("detection", "storm-watch", "Storm watch", "Warns intakes before the rain", 3, "experimental", "models", "9125")
    service("alarms", "alarm-engine", "Alarm engine", "Decides what deserves a call", 1, "production", "alarms", "4000")
    service("alarms", "notify", "Notify", "Calls, texts and mails", 1, "production", "notify", "4001")
    service("alarms", "rota", "Rota", "Who is on call at a utility", 2, "production", "alarms", "4002")
    service("interfaces", "public-api", "Public interface", "What partners integrate with", 1, "production", "public-api", "443,8443")
    service("interfaces", "portal", "Portal", "What operators look at", 2, "production", "portal", "443")
    service("interfaces", "portal-classic", "Portal, first edition", "Two customers still use it", 4, "deprecated", "portal-classic", "80")
    service("interfaces", "maps", "Maps", "The network on a map", 3, "production", "maps", "8081")
    service("interfaces", "exports", "Exports", "Spreadsheets for the regulator", 3, "production", "public-api", "9130")
    service("accounts", "identity", "Identity", "Who is asking", 1, "production", "accounts", "8444")
    service("accounts", "permissions", "Permissions", "What they may see", 1, "production", "accounts", "8445")
    service("accounts", "billing", "Billing", "Invoices, once a month", 3, "production", "billing", "9140")
    service("field-tools", "field-app", "Field app", "Installs and calibrates", 2, "production", "field-app", "8082")
    service("field-tools", "calibration-book", "Calibration book", "Certificates of every probe", 2, "production", "calibration-book", "9150")
    service("field-tools", "device-registry", "Device registry", "Which probe hangs where", 1, "production", "device-registry", "9151")
    service("platform", "secrets", "Secrets", "Keys and certificates", 1, "production", "infrastructure", "8200")
    service("platform", "metrics", "Metrics", "How everything feels", 2, "production", "infrastructure", "9090")
    service("platform", "deployer", "Deployer", "Ships what was merged", 3, "production", "infrastructure", "9160")

    leans_on("gateway", "uplink update-server?")
    leans_on("probe", "gateway")
    leans_on("update-server", "device-registry secrets")
    leans_on("uplink", "queue secrets identity?")
    leans_on("decoder", "queue device-registry")
    leans_on("dedup", "queue decoder")
    leans_on("ingest-legacy", "queue")
    leans_on("timeseries", "dedup secrets?")
    leans_on("rollups", "timeseries")
    leans_on("archive", "timeseries rollups")
    leans_on("leak-detector", "rollups forecasts?")
    leans_on("burst-detector", "timeseries decoder?")
    leans_on("lens-watch", "rollups calibration-book?")
    leans_on("forecasts", "rollups model-store")
    leans_on("storm-watch", "forecasts")
    leans_on("alarm-engine", "burst-detector leak-detector lens-watch? rota")
    leans_on("notify", "alarm-engine identity?")
    leans_on("rota", "identity")
    leans_on("public-api", "timeseries rollups permissions identity")
    leans_on("portal", "public-api maps? identity alarm-engine?")
    leans_on("portal-classic", "public-api")
    leans_on("maps", "device-registry")
    leans_on("exports", "rollups archive? permissions")
    leans_on("identity", "secrets")
    leans_on("permissions", "identity")
    leans_on("billing", "device-registry identity")
    leans_on("field-app", "device-registry calibration-book identity")
    leans_on("calibration-book", "device-registry")
    leans_on("device-registry", "secrets?")
    leans_on("deployer", "secrets metrics?")
}

# ---- runbooks and alerts

function runbook(slug, title, covers, first, second,    word, n, i) {
    RUNBOOKS++
    RUNBOOK[RUNBOOKS] = slug
    node("Runbook")
    str("slug", slug); str("title", title); raw("steps", between(3, 14))
    str("reviewed_on", date(LAST_DAY - between(20, 800)))
    str("text", title ". " prose(first, second, 3, title))
    raw("embedding", vector(first, second))
    put()
    n = split(covers, word, " ")
    for (i = 1; i <= n; i++) {
        bare_edge("Covers", slug, word[i])
        HELP[word[i], ++HELPS[word[i]]] = slug
    }
}

function runbooks() {
    runbook("drain-queue", "Drain a queue that grows", "queue dedup decoder", "telemetry", "incident-response")
    runbook("replace-gateway", "Replace a silent gateway", "gateway probe", "lorawan", "field-service")
    runbook("stop-rollout", "Stop a firmware rollout", "update-server probe gateway", "edge-firmware", "incident-response")
    runbook("uplink-overload", "Shed load at the uplink", "uplink", "telemetry", "incident-response")
    runbook("time-series-full", "Make room in the time series", "timeseries archive", "time-series", "incident-response")
    runbook("late-rollups", "Catch up with late rollups", "rollups", "time-series", "telemetry")
    runbook("false-bursts", "Quieten false bursts", "burst-detector alarm-engine", "anomaly-detection", "incident-response")
    runbook("retrain", "Go back to the model of last month", "forecasts model-store leak-detector", "machine-learning", "anomaly-detection")
    runbook("dirty-lens", "Tell a dirty lens from dirty water", "lens-watch probe", "turbidity", "field-service")
    runbook("no-calls", "Nobody is being called", "notify alarm-engine rota", "incident-response", "anomaly-detection")
    runbook("api-errors", "Errors at the public interface", "public-api exports", "api-design", "incident-response")
    runbook("portal-blank", "The portal stays blank", "portal maps", "api-design", "incident-response")
    runbook("login-fails", "Nobody can log in", "identity permissions", "data-governance", "incident-response")
    runbook("certificate-expired", "A certificate has expired", "secrets uplink identity", "regulation", "incident-response")
    runbook("lost-calibration", "A calibration record is missing", "calibration-book field-app", "calibration", "regulation")
    runbook("registry-conflict", "One probe in two places", "device-registry field-app", "field-service", "data-governance")
    runbook("metrics-gap", "Metrics have a gap", "metrics", "telemetry", "time-series")
}

function alerts(    i, n, slug, name, kind) {
    for (i = 1; i <= SERVICES; i++) {
        name = SERVICE[i]
        for (n = between(1, 3); n > 0; n--) {
            kind = n == 1 ? "error-rate" : n == 2 ? "latency-p99" : "saturation"
            slug = name "-" kind
            ALARM[name, ++ALARMS[name]] = slug
            node("Alert")
            str("slug", slug)
            str("expression", kind == "error-rate" ? "rate(errors{service=\"" name "\"}[5m]) / rate(requests{service=\"" name "\"}[5m])" : \
                kind == "latency-p99" ? "p99(latency{service=\"" name "\"})" : "max(used{service=\"" name "\"}) / max(limit{service=\"" name "\"})")
            raw("threshold", kind == "error-rate" ? "0.0" between(1, 5) : kind == "latency-p99" ? between(2, 30) / 10 + 0.05 : "0.85")
            str("route", SERVICE_TIER[name] <= 2 ? "page" : "ticket"); raw("enabled", chance(92) ? "true" : "false")
            put()
            bare_edge("Watches", slug, name)
        }
    }
}

# ---- deployments

function hex(length_,    i, text) {
    for (i = 0; i < length_; i++)
        text = text substr("0123456789abcdef", 1 + random(16), 1)
    return text
}

function deployments(    i, n, name, at, major, minor, patch) {
    for (i = 1; i <= SERVICES; i++) {
        name = SERVICE[i]
        major = between(1, 4)
        minor = patch = 0
        at = FIRST_DAY * 86400 + between(10, 60) * 86400
        for (n = 1; at < LAST_DAY * 86400 - 864000; n++) {
            if (chance(30)) {
                minor++
                patch = 0
            } else
                patch++
            deployment(name, n, major "." minor "." patch, office_hour(int(at / 86400)))
            at += between(14, 80) * (SERVICE_TIER[name] + 1) * 86400 / 2
        }
    }
}

function deployment(name, n, version, at,    id, seconds, outcome, commit) {
    id = sprintf("%s-%03d", name, n)
    commit = hex(40)
    if (chance(60))
        one_deployment(id "-staging", name, version, "staging", at - 7200, "succeeded", commit, between(40, 600))
    outcome = pick("succeeded|succeeded|succeeded|succeeded|succeeded|succeeded|succeeded|failed|rolled-back")
    one_deployment(id, name, version, "production", at, outcome, commit, between(60, 2400))
    SHIPPED[name, ++SHIPS[name]] = id
    SHIPPED_AT[id] = at
}

function one_deployment(id, name, version, environment, at, outcome, commit, seconds) {
    node("Deployment")
    str("id", id); str("version", version); str("environment", environment)
    str("started_at", datetime(at)); str("finished_at", datetime(at + seconds)); str("outcome", outcome)
    str("commit", commit); raw("changes", between(1, 30)); raw("duration_seconds", seconds)
    put()
    bare_edge("Ships", id, name)
    bare_edge("ShippedBy", id, mate(SERVICE_TEAM[name], int(at / 86400)))
}

# ---- incidents

function incidents(    i) {
    for (i = 1; i <= 170; i++)
        incident("INC-" (1000 + i), i)
}

function symptoms() {
    return pick("timeouts|error rate|empty charts|late readings|missing calls|wrong numbers|failed logins|full disk")
}

function incident(number, i,    name, cause, at, lasted, severity, status, symptom, first, text) {
    name = SERVICE[1 + random(SERVICES)]
    at = FIRST_DAY * 86400 + int((LAST_DAY - FIRST_DAY) * i / 171) * 86400 + random(86400)
    cause = chance(45) ? shipped_before(name, at) : ""
    if (cause)
        at = SHIPPED_AT[cause] + between(3, 300) * 60
    lasted = between(8, 420) * 60
    severity = "sev" (SERVICE_TIER[name] < 3 ? between(1, 3) : between(3, 4))
    status = i > 166 ? pick("open|mitigated") : "resolved"
    symptom = symptoms()
    first = pick("incident-response|telemetry|time-series|api-design|anomaly-detection")
    text = SERVICE_NAME[name] " showed " symptom ". " prose(first, "incident-response", between(2, 4), SERVICE_NAME[name])
    node("Incident")
    str("number", number); str("title", SERVICE_NAME[name] ": " symptom); str("severity", severity); str("status", status)
    str("opened_at", datetime(at)); raw("resolved_at", status == "resolved" ? quoted(datetime(at + lasted)) : "null")
    raw("customer_minutes", severity == "sev4" ? 0 : between(5, 900) * int(lasted / 60))
    list("symptoms", symptom (chance(30) ? "|slow pages" : "")); str("text", text)
    raw("embedding", vector(first, "incident-response"))
    put()
    what_it_hit(number, name)
    who_came(number, name, at)
    if (cause)
        bare_edge("CausedBy", number, cause)
    if (chance(65))
        bare_edge("RaisedBy", number, ALARM[name, 1 + random(ALARMS[name])])
    if (status == "resolved" && HELPS[name] && chance(75))
        bare_edge("ResolvedWith", number, HELP[name, 1 + random(HELPS[name])])
    if (LAST_INCIDENT[name] && chance(50)) {
        edge("SimilarTo", number, LAST_INCIDENT[name])
        raw("score", between(50, 98) / 100)
        put()
    }
    LAST_INCIDENT[name] = number
}

# The production deployment of a service before a time, "" if there is none.
function shipped_before(name, at,    i, found) {
    for (i = 1; i <= SHIPS[name] && SHIPPED_AT[SHIPPED[name, i]] < at; i++)
        found = SHIPPED[name, i]
    return found
}

function what_it_hit(number, name,    n, other, seen) {
    seen[name] = 1
    edge("Affected", number, name)
    str("impact", pick("down|degraded|slow"))
    put()
    for (n = random(3); n > 0; n--) {
        other = SERVICE[1 + random(SERVICES)]
        if (seen[other]++)
            continue
        edge("Affected", number, other)
        str("impact", pick("degraded|slow"))
        put()
    }
}

function who_came(number, name, at,    n, i, handle, seen) {
    n = between(1, 4)
    for (i = 1; i <= n; i++) {
        handle = mate(chance(70) ? SERVICE_TEAM[name] : CREW[1 + random(TEAMS)], int(at / 86400))
        if (seen[handle]++)
            continue
        edge("RespondedTo", handle, number)
        str("role", i == 1 ? "commander" : i == 2 ? "scribe" : "responder")
        str("joined_at", datetime(at + between(1, 40) * 60))
        put()
    }
}

# A week each, for every service that pages, over the last half year.
function on_call(    i, day, name) {
    for (i = 1; i <= SERVICES; i++) {
        name = SERVICE[i]
        if (SERVICE_TIER[name] > 2)
            continue
        for (day = LAST_DAY - 181; day < LAST_DAY; day += 7) {
            edge("OnCall", mate(SERVICE_TEAM[name], day), name)
            str("starts", date(day)); str("ends", date(day + 7))
            put()
        }
    }
}
