/* Any bytes as a lock. */
#include "ledger/ledger.h"
#include "record.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    check_record(ledger_lock_parse, data, size);
    return 0;
}
