#include "tally.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

struct tally *tally_new(void)
{
    struct tally *tally =
        mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (tally == MAP_FAILED)
        return NULL;
    tally->points.title = "at failpoint";
    tally->victims.title = "whom";
    tally->processes.title = "processes killed";
    tally->rows.title = "sweep rows reached";
    tally->stories.title = "story";
    return tally;
}

static int find(const struct tally_table *table, const char *key)
{
    for (int i = 0; i < table->n; i++)
        if (strcmp(table->keys[i], key) == 0)
            return i;
    return -1;
}

void tally_key(struct tally_table *table, const char *key)
{
    if (find(table, key) >= 0 || table->n == TALLY_KEYS)
        return;
    (void)snprintf(table->keys[table->n], TALLY_KEY_LEN, "%s", key);
    table->n++;
}

void tally_count(struct tally_table *table, const char *key)
{
    int i = find(table, key);
    if (i < 0)
        i = table->n - 1;
    if (i >= 0)
        atomic_fetch_add(&table->counts[i], 1);
}

void tally_clear(struct tally_table *table)
{
    for (int i = 0; i < table->n; i++)
        atomic_store(&table->counts[i], 0);
}

const char *tally_missing(const struct tally_table *table)
{
    for (int i = 0; i < table->n; i++)
        if (atomic_load(&table->counts[i]) == 0 && strcmp(table->keys[i], TALLY_OTHER) != 0)
            return table->keys[i];
    return NULL;
}

static void print_table(const struct tally_table *table)
{
    printf("%s:\n", table->title);
    for (int i = 0; i < table->n; i++)
        printf("  %-36s %6d\n", table->keys[i], atomic_load(&table->counts[i]));
}

void tally_print(const struct tally *tally)
{
    print_table(&tally->stories);
    print_table(&tally->points);
    print_table(&tally->victims);
    print_table(&tally->processes);
    print_table(&tally->rows);
    printf(
        "episodes %d: runs killed %d (%d of them while recovering), runs ended by a signal that "
        "asks %d; processes killed %d; applies that found the lock still held %d; locks released "
        "by hand %d; runs that slept %d; broken promises in %d\n",
        atomic_load(&tally->episodes), atomic_load(&tally->runs_killed),
        atomic_load(&tally->second_strikes), atomic_load(&tally->runs_signalled),
        atomic_load(&tally->processes_killed), atomic_load(&tally->held_checks),
        atomic_load(&tally->released), atomic_load(&tally->sleepers),
        atomic_load(&tally->failures));
}
