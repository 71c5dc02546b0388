/*
 * The published vectors: the AWS Signature Version 4 test suite (service "service", 30 August
 * 2015), and the examples of "Signature Calculations for the Authorization Header" in the Amazon S3
 * API Reference (24 May 2013).
 */
#include "common/digest.h"
#include "common/xalloc.h"
#include "store/s3/sigv4.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct vector {
    const char *name, *method, *path;
    struct sigv4_pair query[4];
    struct sigv4_pair headers[6];
    const char *payload;
    const char *signature;
};

static size_t count(const struct sigv4_pair *pairs)
{
    size_t n = 0;
    while (pairs[n].name)
        n++;
    return n;
}

static void expect_signature(const struct vector *v, const struct sigv4_scope *scope)
{
    struct digest payload = digest_of(v->payload, strlen(v->payload));
    struct sigv4_request request = {v->method,  v->path,           v->query,   count(v->query),
                                    v->headers, count(v->headers), payload.hex};
    struct buf out = BUF_INIT;
    sigv4_authorization(&request, scope, &out);
    const char *is = strstr(out.data, "Signature=");
    assert_non_null(is);
    if (strcmp(is + 10, v->signature) != 0)
        print_error("%s\n", v->name);
    assert_string_equal(is + 10, v->signature);
    buf_free(&out);
}

#define HOST                            \
    {                                   \
        "Host", "example.amazonaws.com" \
    }
#define DATE                             \
    {                                    \
        "X-Amz-Date", "20150830T123600Z" \
    }

static void the_aws_test_suite_is_reproduced(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        {"get-vanilla",
         "GET",
         "/",
         {{0}},
         {HOST, DATE},
         "",
         "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        {"post-vanilla",
         "POST",
         "/",
         {{0}},
         {HOST, DATE},
         "",
         "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
        {"get-vanilla-query-order-key-case",
         "GET",
         "/",
         {{"Param2", "value2"}, {"Param1", "value1"}},
         {HOST, DATE},
         "",
         "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
        {"get-header-value-multiline",
         "GET",
         "/",
         {{0}},
         {HOST, {"My-Header1", "value1,value2,value3"}, DATE},
         "",
         "ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790"},
        {"get-header-key-duplicate",
         "GET",
         "/",
         {{0}},
         {HOST, {"My-Header1", "value2,value2,value1"}, DATE},
         "",
         "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    };
    static const struct sigv4_scope scope = {"AKIDEXAMPLE",
                                             "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                             "us-east-1", "service", "20150830T123600Z"};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        expect_signature(&vectors[i], &scope);
}

#define S3_HOST                                  \
    {                                            \
        "Host", "examplebucket.s3.amazonaws.com" \
    }
#define S3_DATE                          \
    {                                    \
        "x-amz-date", "20130524T000000Z" \
    }
#define S3_EMPTY                      \
    {                                 \
        "x-amz-content-sha256", EMPTY \
    }

static void the_examples_of_the_s3_reference_are_reproduced(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        {"GET Object",
         "GET",
         "/test.txt",
         {{0}},
         {S3_HOST, {"Range", "bytes=0-9"}, S3_EMPTY, S3_DATE},
         "",
         "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
        {"PUT Object",
         "PUT",
         "/test$file.text",
         {{0}},
         {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
          S3_HOST,
          {"x-amz-content-sha256",
           "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"},
          S3_DATE,
          {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
         "Welcome to Amazon S3.",
         "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
        {"GET Bucket Lifecycle",
         "GET",
         "/",
         {{"lifecycle", ""}},
         {S3_HOST, S3_EMPTY, S3_DATE},
         "",
         "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
        {"Get Bucket (List Objects)",
         "GET",
         "/",
         {{"prefix", "J"}, {"max-keys", "2"}},
         {S3_HOST, S3_EMPTY, S3_DATE},
         "",
         "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
    };
    static const struct sigv4_scope scope = {"AKIAIOSFODNN7EXAMPLE",
                                             "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                                             "us-east-1", "s3", "20130524T000000Z"};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        expect_signature(&vectors[i], &scope);
}

static void the_steps_of_the_reference_are_reproduced(void **state)
{
    (void)state;
    static const struct sigv4_pair headers[] = {
        S3_HOST, {"Range", " bytes=0-9  "}, S3_EMPTY, S3_DATE};
    struct sigv4_request request = {"GET", "/test.txt", NULL, 0, headers, 4, EMPTY};
    struct buf out = BUF_INIT;
    sigv4_canonical_request(&request, &out);
    assert_string_equal(out.data,
                        "GET\n/test.txt\n\nhost:examplebucket.s3.amazonaws.com\nrange:bytes=0-9\n"
                        "x-amz-content-sha256:" EMPTY "\nx-amz-date:20130524T000000Z\n\n"
                        "host;range;x-amz-content-sha256;x-amz-date\n" EMPTY);
    buf_clear(&out);
    static const struct sigv4_scope scope = {"AKIAIOSFODNN7EXAMPLE",
                                             "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                                             "us-east-1", "s3", "20130524T000000Z"};
    sigv4_string_to_sign(&request, &scope, &out);
    assert_string_equal(out.data,
                        "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n"
                        "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972");
    buf_free(&out);
}

static void keys_are_encoded_once_and_fully(void **state)
{
    (void)state;
    struct buf out = BUF_INIT;
    sigv4_encode("/a b/c+d%e&ü~-._", 1, &out);
    assert_string_equal(out.data, "/a%20b/c%2Bd%25e%26%C3%BC~-._");
    buf_clear(&out);
    sigv4_encode("a/b", 0, &out);
    assert_string_equal(out.data, "a%2Fb");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_aws_test_suite_is_reproduced),
        cmocka_unit_test(the_examples_of_the_s3_reference_are_reproduced),
        cmocka_unit_test(the_steps_of_the_reference_are_reproduced),
        cmocka_unit_test(keys_are_encoded_once_and_fully),
    };
    return RUN(tests);
}
