/* Tariffs, dated or of an intervention (read_tariffs.c). */
#ifndef ENTENTE_SCENARIO_SECTIONS_TRADE_READ_TARIFFS_H
#define ENTENTE_SCENARIO_SECTIONS_TRADE_READ_TARIFFS_H

#include "scenario/reader.h"

extern const section_t section_tariff, section_tariff_keys, section_tariff_set;
extern const type_t type_tariffs, type_tariffs_set;

#endif
