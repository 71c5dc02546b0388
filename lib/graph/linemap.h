/*
 * linemap.h - from a row that a load inserted back to the line it came from.
 *
 * Rows of one table get ascending numbers, and data mostly comes in runs (all nodes, then all
 * edges, or both in turn), so the map holds runs: the current one in memory, finished ones in a
 * temporary table, which SQLite keeps on disk. One map a table.
 */
#ifndef CLUSTER_GRAPH_LINEMAP_H
#define CLUSTER_GRAPH_LINEMAP_H

#include "common/error.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* What all maps of a load share. Zeroed to begin with. */
struct linemaps {
    sqlite3 *db;
    sqlite3_stmt *insert; /* NULL until a run was finished */
    sqlite3_stmt *find;
};

struct linemap {
    int64_t table; /* any number that tells the maps apart */
    /* Row first + i came from line + i * stride. */
    int64_t first, count, line, stride;
};

/* Rows must come in ascending order. */
bool linemap_add(struct linemaps *maps, struct linemap *map, int64_t row, uint64_t line,
                 struct error *err);
/* 0 for a row that is not of this load. */
bool linemap_find(struct linemaps *maps, const struct linemap *map, int64_t row, uint64_t *line,
                  struct error *err);
void linemaps_free(struct linemaps *maps);

#endif
