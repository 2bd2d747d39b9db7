package io.bactrian.pipeline;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

final class SettleCluster implements Processor {
    @Override
    public void process(Exchange exchange) throws Exception {
        Recovery recovery = Recovery.of(exchange);
        recovery.cluster().shutDown();
        recovery.dataDirectory().keep();
    }
}
