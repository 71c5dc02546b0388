/* Going through a folder. */
#include "store/walk.h"

#include "scratch.h"

#include <errno.h>
#include <fcntl.h>

/* One line an entry: its kind and its path below the scratch directory. */
static char *walked(const struct scratch *s, const char *name)
{
    static const char *const kinds[] = {"file", "folder", "left", "other", "trouble"};
    struct buf lines = BUF_INIT;
    struct walk walk;
    struct walk_entry entry;
    char *path = scratch_path(s, name);
    walk_begin(&walk, path);
    while (walk_next(&walk, &entry)) {
        assert_string_equal(entry.leaf, strrchr(entry.path, '/') + 1);
        assert_int_equal(entry.is_top, strcmp(entry.path, path) == 0);
        assert_int_equal(entry.cause != 0, entry.kind == WALK_TROUBLE);
        buf_printf(&lines, "%s %s\n", kinds[entry.kind], entry.path + strlen(s->dir) + 1);
    }
    assert_false(walk_next(&walk, &entry));
    walk_end(&walk);
    free(path);
    return buf_detach(&lines);
}

static void assert_walk(const struct scratch *s, const char *name, const char *expected)
{
    char *is = walked(s, name);
    assert_string_equal(is ? is : "", expected);
    free(is);
}

static void it_comes_in_the_order_of_the_names_and_leaves_each_folder(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    scratch_write(&s, "t/z", "");
    scratch_write(&s, "t/m/b", "");
    scratch_write(&s, "t/m/a", "");
    scratch_write(&s, "t/a", "");
    scratch_write(&s, "t/m-", "");
    assert_walk(&s, "t",
                "folder t\nfile t/a\nfolder t/m\nfile t/m/a\nfile t/m/b\nleft t/m\n"
                "file t/m-\nfile t/z\nleft t\n");
    scratch_remove(&s);
}

static void only_the_top_may_be_a_link(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    scratch_write(&s, "t/f", "");
    char *link = scratch_path(&s, "t/inner"), *top = scratch_path(&s, "top");
    assert_int_equal(symlink("..", link), 0);
    assert_int_equal(symlink("t", top), 0);
    assert_walk(&s, "top", "folder top\nfile top/f\nother top/inner\nleft top\n");
    assert_int_equal(unlink(top), 0);
    assert_int_equal(symlink("nowhere", top), 0);
    assert_walk(&s, "top", "other top\n");
    free(link);
    free(top);
    scratch_remove(&s);
}

static void what_is_no_folder_is_all_of_it(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    scratch_write(&s, "f", "");
    assert_walk(&s, "f", "file f\n");
    assert_walk(&s, "nothing", "");
    assert_walk(&s, "f/below", "trouble f/below\n");
    scratch_remove(&s);
}

static void what_vanishes_under_it_is_left_out(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    scratch_write(&s, "t/a", "");
    scratch_write(&s, "t/b/f", "");
    struct walk walk;
    struct walk_entry entry;
    char *path = scratch_path(&s, "t"), *file = scratch_path(&s, "t/b/f"),
         *folder = scratch_path(&s, "t/b");
    walk_begin(&walk, path);
    assert_true(walk_next(&walk, &entry));
    assert_true(walk_next(&walk, &entry));
    assert_string_equal(entry.leaf, "a");
    assert_true(walk_next(&walk, &entry));
    assert_int_equal(entry.kind, WALK_FOLDER);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_true(walk_next(&walk, &entry));
    assert_int_equal(entry.kind, WALK_LEFT);
    assert_true(entry.is_top);
    assert_false(walk_next(&walk, &entry));
    walk_end(&walk);
    free(folder);
    free(file);
    free(path);
    scratch_remove(&s);
}

/* A folder that becomes a link between the look at it and the way down. */
static void a_link_that_takes_the_place_of_a_folder_is_not_followed(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    scratch_write(&s, "precious/f", "");
    scratch_write(&s, "t/b/f", "");
    struct walk walk;
    struct walk_entry entry;
    char *path = scratch_path(&s, "t"), *folder = scratch_path(&s, "t/b"),
         *away = scratch_path(&s, "away");
    walk_begin(&walk, path);
    assert_true(walk_next(&walk, &entry));
    assert_true(walk_next(&walk, &entry));
    assert_int_equal(entry.kind, WALK_FOLDER);
    assert_int_equal(rename(folder, away), 0);
    assert_int_equal(symlink("../precious", folder), 0);
    assert_true(walk_next(&walk, &entry));
    assert_int_equal(entry.kind, WALK_TROUBLE);
    assert_true(walk_next(&walk, &entry));
    assert_int_equal(entry.kind, WALK_LEFT);
    walk_end(&walk);
    free(away);
    free(folder);
    free(path);
    scratch_remove(&s);
}

/* Deeper than a path can be long: trouble, and an end. */
static void a_tree_of_any_depth_ends(void **state)
{
    (void)state;
    struct scratch s = scratch_make();
    enum { DEPTH = 40, LEAF = 200 };
    char leaf[LEAF + 1];
    memset(leaf, 'd', LEAF);
    leaf[LEAF] = '\0';
    int at = open(s.dir, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < DEPTH; i++) {
        assert_int_equal(mkdirat(at, leaf, 0777), 0);
        int below = openat(at, leaf, O_RDONLY | O_DIRECTORY);
        assert_true(below >= 0);
        close(at);
        at = below;
    }
    struct walk walk;
    struct walk_entry entry;
    int folders = 0, troubles = 0, left = 0;
    walk_begin(&walk, s.dir);
    while (walk_next(&walk, &entry)) {
        folders += entry.kind == WALK_FOLDER;
        left += entry.kind == WALK_LEFT;
        if (entry.kind == WALK_TROUBLE) {
            assert_int_equal(entry.cause, ENAMETOOLONG);
            troubles++;
        }
    }
    walk_end(&walk);
    assert_int_equal(troubles, 1);
    assert_int_equal(left, folders - 1);
    /* From the inside out, as no path reaches it. */
    for (int i = 0; i < DEPTH; i++) {
        int above = openat(at, "..", O_RDONLY | O_DIRECTORY);
        assert_int_equal(unlinkat(above, leaf, AT_REMOVEDIR), 0);
        close(at);
        at = above;
    }
    close(at);
    scratch_remove(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_in_the_order_of_the_names_and_leaves_each_folder),
        cmocka_unit_test(only_the_top_may_be_a_link),
        cmocka_unit_test(what_is_no_folder_is_all_of_it),
        cmocka_unit_test(what_vanishes_under_it_is_left_out),
        cmocka_unit_test(a_link_that_takes_the_place_of_a_folder_is_not_followed),
        cmocka_unit_test(a_tree_of_any_depth_ends),
    };
    return RUN(tests);
}
