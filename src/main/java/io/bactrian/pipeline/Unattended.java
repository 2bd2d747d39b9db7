package io.bactrian.pipeline;

import io.bactrian.schedule.Agenda;
import java.util.function.BooleanSupplier;

/**
 * What a pipeline needs that runs by itself.
 *
 * @param name of the Camel context; no two in one process have the same
 * @param retired whether another pipeline has taken over: what is at work goes on, nothing new is begun
 */
record Unattended(String name, Agenda agenda, Places places, BooleanSupplier retired) {}
