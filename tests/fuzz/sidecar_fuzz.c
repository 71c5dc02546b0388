/* Any bytes as a recovery sidecar. */
#include "ledger/ledger.h"
#include "record.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    check_record(ledger_sidecar_parse, data, size);
    return 0;
}
