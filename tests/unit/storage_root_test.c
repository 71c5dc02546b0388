#include "common/storage_root.h"
#include "test.h"

#include <string.h>

static void a_location_becomes_a_root(void **unused)
{
    (void)unused;
    static const struct {
        const char *storage, *root, *display;
    } cases[] = {
        {"s3://bucket", "s3://bucket", NULL},
        {"s3://bucket///", "s3://bucket", NULL},
        {"s3://my.bucket-1/a/b c/ü//", "s3://my.bucket-1/a/b c/ü", NULL},
        {"S3://bucket/a@b", "s3://bucket/a@b", NULL},
        {"s3://1.2.3.a/x", "s3://1.2.3.a/x", NULL},
        {"file:///srv/x/", "file:///srv/x", "/srv/x"},
        {"file:///a%20b/%C3%BC%25", "file:///a%20b/%C3%BC%25", "/a b/ü%"},
        {"FILE://localhost/x", "file:///x", "/x"},
        {"file:///", "file:///", "/"},
        {"/srv/a b", "file:///srv/a%20b", "/srv/a b"},
        {"/srv//x/./y/../z/", "file:///srv/x/z", "/srv/x/z"},
        {"/../..", "file:///", "/"},
        {"store", "file:///base/dir/store", "/base/dir/store"},
        {"./a/../b//", "file:///base/dir/b", "/base/dir/b"},
        {"../../../up", "file:///up", "/up"},
        {".", "file:///base/dir", "/base/dir"},
        {"..a/.b", "file:///base/dir/..a/.b", "/base/dir/..a/.b"},
        {"s3:/odd", "file:///base/dir/s3%3A/odd", "/base/dir/s3:/odd"},
        {"line\nbreak", "file:///base/dir/line%0Abreak", "/base/dir/line\nbreak"},
        {"file:///%c3%bc%0a", "file:///%C3%BC%0A", "/ü\n"},
        {"a ?#%b", "file:///base/dir/a%20%3F%23%25b", "/base/dir/a ?#%b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct storage_root root;
        struct error err = ERROR_INIT;
        if (!storage_root_resolve(cases[i].storage, "/base/dir", &root, &err))
            fail_msg("%s: %s", cases[i].storage, error_text(&err));
        assert_string_equal(root.root, cases[i].root);
        assert_string_equal(root.display, cases[i].display ? cases[i].display : cases[i].root);
        storage_root_clear(&root);
    }
}

static void what_is_no_location_is_refused_without_repeating_it(void **unused)
{
    (void)unused;
    static const char *const cases[] = {
        "",
        "  ",
        "s3://",
        "s3:///prefix",
        "s3://ab/x",
        "s3://HUSH/x",
        "s3://HUSH_bucket/x",
        "s3://-HUSH/x",
        "s3://a..b/x",
        "s3://192.168.5.4/x",
        "s3://user:HUSH@bucket/x",
        "s3://user:HU/SH@bucket/x",
        "s3://HUSH@bucket",
        "s3://bucket/a//HUSH",
        "s3://bucket/../HUSH",
        "s3://bucket/./HUSH",
        "s3://bucket/x?X-Amz-Signature=HUSH",
        "s3://bucket/x#HUSH",
        "s3://bucket/HUSH\n",
        "s3://bucket:9000/HUSH",
        "s3://toolongtoolongtoolongtoolongtoolongtoolongtoolongtoolongtoolong1/x",
        "https://user:HUSH@host/",
        "gs://HUSH/x",
        "file://host/HUSH",
        "file://HUSH",
        "file:///HUSH%zz",
        "file:///HUSH%4",
        "file:///HUSH%00",
        "file:///x?HUSH",
        "file:///x#HUSH",
        "file:///HUSH%ff",
        "/HUSH\xff",
        "HUSH\xc3",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct storage_root root;
        struct error err = ERROR_INIT;
        if (storage_root_resolve(cases[i], "/base", &root, &err))
            fail_msg("taken: %s", cases[i]);
        assert_string_equal(err.code, "invalid_storage_root");
        assert_null(strstr(error_text(&err), "HU"));
        assert_null(root.root);
        storage_root_clear(&root);
        error_clear(&err);
    }
}

static void a_prefix_that_leaves_no_room_for_names_is_refused(void **unused)
{
    (void)unused;
    char storage[700] = "s3://bucket";
    size_t at = strlen(storage);
    while (at < 600) {
        storage[at] = at % 100 == 0 || at == strlen("s3://bucket") ? '/' : 'x';
        at++;
    }
    struct storage_root root;
    assert_false(storage_root_resolve(storage, "/base", &root, NULL));
    storage[500] = '\0';
    assert_true(storage_root_resolve(storage, "/base", &root, NULL));
    storage_root_clear(&root);
    memset(storage + 12, 'x', 300);
    assert_false(storage_root_resolve(storage, "/base", &root, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_location_becomes_a_root),
        cmocka_unit_test(what_is_no_location_is_refused_without_repeating_it),
        cmocka_unit_test(a_prefix_that_leaves_no_room_for_names_is_refused),
    };
    return RUN(tests);
}
