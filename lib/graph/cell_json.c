#include "common/xalloc.h"
#include "graph/cell.h"
#include "graph/moment.h"
#include "graph/number.h"

#include <math.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static void write_number(yajl_gen gen, struct number_text number)
{
    (void)yajl_gen_number(gen, number.text, strlen(number.text));
}

static void write_blob(yajl_gen gen, const void *data, size_t len)
{
    unsigned char *text = xmalloc((len + 2) / 3 * 4 + 1);
    int n = EVP_EncodeBlock(text, len ? data : (const void *)"", (int)len);
    (void)yajl_gen_string(gen, text, (size_t)n);
    free(text);
}

static bool write_vector(yajl_gen gen, const unsigned char *data, size_t len, uint32_t dimensions)
{
    if (len != (size_t)dimensions * 4)
        return false;
    (void)yajl_gen_array_open(gen);
    for (size_t i = 0; i < len; i += 4) {
        uint32_t bits = (uint32_t)data[i] | (uint32_t)data[i + 1] << 8 |
                        (uint32_t)data[i + 2] << 16 | (uint32_t)data[i + 3] << 24;
        float value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            return false;
        write_number(gen, number_shortest_f32(value));
    }
    (void)yajl_gen_array_close(gen);
    return true;
}

static void write_datetime(yajl_gen gen, const char *text, size_t len)
{
    char shorter[MOMENT_LEN + 1];
    size_t n = moment_short_len(text, len);
    if (n >= sizeof shorter)
        n = sizeof shorter - 1;
    memcpy(shorter, text, n);
    shorter[n] = 'Z';
    (void)yajl_gen_string(gen, (const unsigned char *)shorter, n + 1);
}

bool cell_column_to_json(const struct property_type *type, sqlite3_stmt *stmt, int column,
                         yajl_gen gen, struct buf *why)
{
    const void *data = NULL;
    size_t len = 0;
    bool binary = !type->list && (type->scalar == SCALAR_BLOB || type->scalar == SCALAR_VECTOR);
    if (binary)
        data = sqlite3_column_blob(stmt, column);
    else
        data = sqlite3_column_text(stmt, column);
    len = (size_t)sqlite3_column_bytes(stmt, column);
    if (type->list) { /* a JSON array already */
        (void)yajl_gen_number(gen, data, len);
        return true;
    }
    switch (type->scalar) {
    case SCALAR_STRING:
    case SCALAR_DATE:
        if (yajl_gen_string(gen, data, len) == yajl_gen_status_ok)
            return true;
        break;
    case SCALAR_DATETIME:
        write_datetime(gen, data, len);
        return true;
    case SCALAR_BLOB:
        write_blob(gen, data, len);
        return true;
    case SCALAR_VECTOR:
        if (write_vector(gen, data, len, type->dimensions))
            return true;
        break;
    case SCALAR_BOOL:
        (void)yajl_gen_bool(gen, sqlite3_column_int64(stmt, column) != 0);
        return true;
    case SCALAR_I32:
    case SCALAR_I64:
    case SCALAR_U32:
    case SCALAR_U64: /* of the column id: its text is the number too */
        (void)yajl_gen_integer(gen, sqlite3_column_int64(stmt, column));
        return true;
    case SCALAR_F32:
        write_number(gen, number_shortest_f32((float)sqlite3_column_double(stmt, column)));
        return true;
    case SCALAR_F64:
        write_number(gen, number_shortest(sqlite3_column_double(stmt, column)));
        return true;
    }
    buf_puts(why, "it holds what cannot be its value");
    return false;
}
