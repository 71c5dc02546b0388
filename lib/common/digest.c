#include "common/digest.h"

#include "common/xalloc.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct digest_state {
    EVP_MD_CTX *ctx;
};

struct digest_state *digest_begin(void)
{
    /* OpenSSL 3.0 goes on with a null lock where its own setting up ran out of memory: ask first.
     */
    if (!OSSL_LIB_CTX_get0_global_default())
        die_out_of_memory();
    struct digest_state *state = xmalloc(sizeof *state);
    state->ctx = EVP_MD_CTX_new();
    /* SHA-256 is always there in OpenSSL; only memory can run out. */
    if (!state->ctx || EVP_DigestInit_ex(state->ctx, EVP_sha256(), NULL) != 1)
        die_out_of_memory();
    return state;
}

void digest_add(struct digest_state *state, const void *data, size_t len)
{
    if (EVP_DigestUpdate(state->ctx, data, len) != 1)
        die_out_of_memory();
}

struct digest digest_end(struct digest_state *state)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_DigestFinal_ex(state->ctx, raw, &len) != 1 || len * 2 != DIGEST_LEN)
        die_out_of_memory();
    EVP_MD_CTX_free(state->ctx);
    free(state);
    struct digest digest;
    for (unsigned i = 0; i < len; i++) {
        digest.hex[2 * i] = hex[raw[i] >> 4];
        digest.hex[2 * i + 1] = hex[raw[i] & 15];
    }
    digest.hex[DIGEST_LEN] = '\0';
    return digest;
}

struct digest digest_of(const void *data, size_t len)
{
    struct digest_state *state = digest_begin();
    digest_add(state, data, len);
    return digest_end(state);
}

struct digest digest_of_json(const jv *value)
{
    struct buf text = BUF_INIT;
    json_write_canonical(value, &text);
    struct digest digest = digest_of(text.data, text.len);
    buf_free(&text);
    return digest;
}
