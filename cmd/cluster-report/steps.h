/*
 * steps.h - migration steps in words.
 */
#ifndef CLUSTER_REPORT_STEPS_H
#define CLUSTER_REPORT_STEPS_H

#include "common/json.h"
#include "text.h"

/* One line a step, in order, behind six spaces: "+ node Person.nick: String?". A step of a kind
 * that is not known (another driver's) is shown as its JSON. If the plan is not supported, a last
 * line says what apply would do about it. */
void steps_write(const struct text *text, const jv *migration);

#endif
