# One random run document, as cluster-sweep leaves it, from an array of random numbers: what is
# desired of three graphs and two policies, and what is recorded of them, drawn independently.
def digest($n): ("abcdef"[$n:$n+1] + "0" * 63);
def graphs: ["a", "b", "c"];
. as $r
| def pick($at; $n): $r[$at] % $n;
  def bindings($at): [["cluster"], ["graph.a"], ["graph.b", "graph.c"], ["cluster", "graph.a"], ["graph.c"]][pick($at; 5)];
  ([range(3) as $g | graphs[$g] as $id | ($g * 20) as $o
    # A graph of the configuration has a schema; its queries come and go.
    | if pick($o; 4) == 0 then empty else
        {address: "graph.\($id)", kind: "graph", digest: digest(pick($o + 1; 2))},
        {address: "schema.\($id)", kind: "schema", digest: digest(pick($o + 2; 2))},
        (range(2) as $q | if pick($o + 3 + $q; 3) == 0 then empty
          else {address: "query.\($id).q\($q)", kind: "query", digest: digest(pick($o + 5 + $q; 2))} end)
      end] +
   [range(2) as $p | ($p * 10 + 60) as $o | if pick($o; 4) == 0 then empty
      else {address: "policy.p\($p)", kind: "policy", digest: digest(pick($o + 1; 2)), applies_to: bindings($o + 2)} end]
   | sort_by(.address)) as $desired
| ([range(3) as $g | graphs[$g] as $id | ($g * 20) as $o
    # The ledger may be in any state that a run, or a crash and a refresh, can leave.
    | (if pick($o + 7; 3) == 0 then empty else ["graph.\($id)", {digest: digest(pick($o + 8; 2))}] end),
      (if pick($o + 9; 3) == 0 then empty else ["schema.\($id)", {digest: digest(pick($o + 10; 2))}] end),
      (range(2) as $q | if pick($o + 11 + $q; 2) == 0 then empty
        else ["query.\($id).q\($q)", {digest: digest(pick($o + 13 + $q; 2))}] end)] +
   [range(2) as $p | ($p * 10 + 60) as $o | if pick($o + 3; 3) == 0 then empty
      else ["policy.p\($p)", {digest: digest(pick($o + 4; 2))} + if pick($o + 5; 4) == 0 then {} else {applies_to: bindings($o + 6)} end] end]
   | map({key: .[0], value: .[1]}) | from_entries) as $recorded
| {version: 1, state_revision: 3, applied_revision: {resources: $recorded}, resource_statuses: {},
   approval_records: (if pick(80; 5) == 0 then {"01ARZ3NDEKTSV4RRFFQ69G5FA0": {}} else {} end), recovery_records: {}, observations: {}} as $state
| {format: "cluster-run/1", diagnostics: [],
   config: {dir: ".", file: "./cluster.yaml", digest: digest(5), name: null, lock: true, storage: null, driver: "fake"},
   store: {root: "file:///s", display: "/s"}, resources: $desired,
   dependencies: ([$desired[] | .address as $from | ($from | split(".")) as $part
      | if .kind == "schema" then {from: $from, to: "graph.\($part[1])"}
        elif .kind == "query" then {from: $from, to: ("graph", "schema" | "\(.).\($part[1])")}
        elif .kind == "policy" then (.applies_to[] | select(. != "cluster") | {from: $from, to: .})
        else empty end] | sort_by(.from, .to)),
   sources: {},
   sweep: {completed: [], pending_graphs: [range(3) | select(pick(81 + .; 4) == 0) | graphs[.]], consumed_approvals: []},
   ledger: (if pick(84; 12) == 0 then {found: false, cas: null, state: null, base: null, approvals: [], sidecars: []}
     else {found: true, cas: "sha256:x", state: $state, base: $state, sidecars: [],
       approvals: [range(3) as $g | graphs[$g] as $id | select(pick(85 + $g; 2) == 0)
         | {schema_version: 1, approval_id: "01ARZ3NDEKTSV4RRFFQ69G5FA\($g)", resource: "graph.\($id)", operation: "delete", reason: "r",
            bound_config_digest: digest(if pick(88; 6) == 0 then 4 else 5 end),
            bound_before_digest: (if pick(89 + $g; 6) == 0 then digest(3) else ($recorded["graph.\($id)"].digest // null) end),
            bound_after_digest: null, approved_by: "ann", created_at: "2026-01-02T03:04:05.678Z",
            consumed_at: (if pick(92 + $g; 6) == 0 then "2026-01-02T03:04:05.678Z" else null end), consumed_by_operation: null}]} end)}
