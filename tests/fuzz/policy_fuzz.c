/* Policy bundles: any bytes are refused with a reason or make a bundle that denies strangers. */
#include "policy/policy.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diags diags;
    diags_init(&diags);
    struct policy *policy = policy_parse("fuzz.yaml", (const char *)data, size, "policy", &diags);
    if ((policy == NULL) != (diags.errors > 0))
        abort();
    if (policy) {
        (void)policy_check_binding(policy, true, false, "fuzz.yaml", "policy", &diags);
        (void)policy_check_binding(policy, false, true, "fuzz.yaml", "policy", &diags);
        const struct policy *bundles[] = {policy};
        /* An actor is never blank. */
        struct policy_request request = {" ", "read", "main", NULL};
        if (policy_decide(bundles, 1, &request).allowed)
            abort();
    }
    policy_free(policy);
    diags_free(&diags);
    return 0;
}
