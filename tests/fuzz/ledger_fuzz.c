/* Any bytes as a ledger. */
#include "ledger/ledger.h"
#include "record.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    check_record(ledger_state_parse, data, size);
    return 0;
}
