/** Reaching a PostgreSQL server: its address, connections, programs, child processes and temporary clusters. */
package io.bactrian.postgres;
