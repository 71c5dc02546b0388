# What cluster-diff and cluster-classify should say, straight from the tables of the specification,
# with no thought of speed: a document in; its changes and gates out.
. as $doc
| (.resources | map({key: .address, value: .}) | from_entries) as $desired
| (if .ledger.found then .ledger.state.applied_revision.resources else {} end) as $recorded
| ([$desired, $recorded | keys[]] | unique
   | map(. as $it | $desired[$it] as $new | $recorded[$it] as $old
      | if $old == null then {operation: "create", after_digest: $new.digest}
        elif $new == null then {operation: "delete", before_digest: $old.digest}
        elif $old.digest != $new.digest then {operation: "update", before_digest: $old.digest, after_digest: $new.digest}
        elif ($it | startswith("policy.")) and $old.applies_to != $new.applies_to
        then {operation: "update", before_digest: $old.digest, after_digest: $new.digest, binding_change: true}
        else empty end
      | .resource = $it)) as $changes
| def op($it): [$changes[] | select(.resource == $it) | .operation][0] // "none";
  def pending($graph): $doc.sweep.pending_graphs | any(. == $graph);
  def approved($graph): "graph.\($graph)" as $it | $doc.ledger | any(.approvals[]; . as $a
     | .resource == $it and .operation == op($it) and .consumed_at == null and .consumed_by_operation == null
     and .bound_config_digest == $doc.config.digest and .bound_before_digest == $recorded[$it].digest and .bound_after_digest == null
     and ($doc.ledger.state.approval_records | has($a.approval_id) | not));
  def blocked($why): ["blocked", $why];
  def deferred: ["deferred", "apply_unsupported_kind"];
  def applied: ["applied", null];
  def gated($graph): if approved($graph) then applied else blocked("approval_required") end;
  def verdict_schema($graph): "schema.\($graph)" as $it
     | if pending($graph) then blocked("cluster_recovery_pending")
       elif op($it) == "create" then (if op("graph.\($graph)") == "create" then applied else deferred end)
       elif op($it) == "update" then applied
       elif op("graph.\($graph)") == "delete" then gated($graph)
       else deferred end;
  def schema_not_applied($graph): op("schema.\($graph)") != "none" and verdict_schema($graph)[0] != "applied";
  def verdict: . as $change | (.resource | split(".")) as $part | $part[0] as $kind | $part[1] as $name
     | if $kind == "policy" then
         if .operation == "delete" then applied
         elif $desired[$change.resource].applies_to | any(.[]; startswith("graph.") and pending(.[6:]))
         then blocked("cluster_recovery_pending") else applied end
       elif $kind == "schema" then verdict_schema($name)
       elif pending($name) then blocked("cluster_recovery_pending")
       elif $kind == "graph" then
         if .operation == "create" then applied
         elif .operation == "delete" then gated($name)
         elif schema_not_applied($name) then deferred else ["derived", null] end
       elif .operation == "delete" then (if op("graph.\($name)") == "delete" then gated($name) else applied end)
       elif schema_not_applied($name) then blocked("dependency_not_applied")
       else applied end;
  [$changes[] | . + (verdict | {disposition: .[0]} + if .[1] then {reason: .[1]} else {} end)] as $decided
| {changes: $decided,
   gates: [$decided[] | select(.operation == "delete") | (.resource | split(".")) as $part
      | if $part[0] == "graph" then {resource, satisfied: approved($part[1])}
        elif $part[0] == "schema" and op("graph.\($part[1])") != "delete" then {resource, satisfied: false}
        else empty end],
   applicable: any($decided[]; .disposition == "applied" or .disposition == "derived")}
