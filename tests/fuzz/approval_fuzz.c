/* Any bytes as an approval artifact. */
#include "ledger/ledger.h"
#include "record.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    check_record(ledger_approval_parse, data, size);
    return 0;
}
