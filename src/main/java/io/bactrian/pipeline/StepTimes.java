package io.bactrian.pipeline;

import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs at level debug how long each step of a route took, its nested steps included. */
final class StepTimes implements InterceptStrategy {
    private static final Logger LOG = LoggerFactory.getLogger(StepTimes.class);
    private static final long NANOS_PER_MILLI = 1_000_000;

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode step, Processor target, Processor next) {
        if (!LOG.isDebugEnabled()) {
            return target;
        }
        return new DelegateAsyncProcessor(target) {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                long began = System.nanoTime();
                return super.process(exchange, doneSync -> {
                    LOG.atDebug()
                            .addKeyValue("step", step.getId())
                            .addKeyValue("duration", (System.nanoTime() - began) / NANOS_PER_MILLI)
                            .log("Step ended");
                    callback.done(doneSync);
                });
            }
        };
    }
}
