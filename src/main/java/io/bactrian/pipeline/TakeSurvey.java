package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.repository.Holding;
import io.bactrian.repository.Json;
import io.bactrian.repository.Layout;
import io.bactrian.repository.Store;
import io.bactrian.repository.Survey;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code survey} step: what each store holds. One that does not answer is part of the answer. */
public final class TakeSurvey {
    private static final Logger LOG = LoggerFactory.getLogger(TakeSurvey.class);
    private static final String WHERE_TO_LOOK = "Look at the network, and at what the store itself logs.";
    private static final String HOLDING = "holding";
    private static final String ASKED = "surveyed";
    private static final int LARGEST_IDENTITY = 64 * 1024;

    /** The body is the list of stores. */
    public void begin(Exchange exchange) {
        exchange.setProperty(ASKED, exchange.getMessage().getBody(List.class));
    }

    /** The body is one store. */
    public void store(Exchange exchange) {
        exchange.setProperty(Store.PROPERTY, exchange.getMessage().getBody(Store.class));
    }

    /** The body is the listings of its folders. */
    public void listed(Exchange exchange) {
        exchange.setProperty(HOLDING, Holding.of(store(exchange, Store.PROPERTY), Listings.of(exchange)));
    }

    private static Store store(Exchange exchange, String property) {
        return exchange.getProperty(property, Store.class);
    }

    /** The body is {@code repository.json}. */
    public void identity(Exchange exchange) throws IOException {
        Holding holding = exchange.getProperty(HOLDING, Holding.class);
        try (InputStream body = exchange.getMessage().getBody(InputStream.class)) {
            if (body == null) {
                throw Failure.integrity(
                        "it holds backups or keys, but no " + Layout.REPOSITORY,
                        "Bring that file back from another copy of the repository.");
            }
            String created = Json.mapper()
                    .readTree(body.readNBytes(LARGEST_IDENTITY))
                    .path("created")
                    .asText();
            exchange.setProperty(HOLDING, holding.of(created));
        }
    }

    /** The body becomes what it holds. */
    public void answer(Exchange exchange) {
        exchange.getMessage().setBody(exchange.getProperty(HOLDING, Holding.class));
    }

    /** The exchange carries the exception; the body becomes that. */
    public void unreachable(Exchange exchange) {
        Throwable caught = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        Failure why = Failures.foreseen(caught)
                .orElseGet(() -> Failure.running(Failures.of(caught).getMessage(), WHERE_TO_LOOK));
        exchange.getMessage().setBody(Holding.unreachable(store(exchange, Store.PROPERTY), why));
    }

    /** The body is what each store answered in time. */
    public void collect(Exchange exchange) {
        List<?> answers = exchange.getMessage().getBody(List.class);
        List<Holding> holdings = new ArrayList<>();
        for (Object asked : exchange.getProperty(ASKED, List.class)) {
            holdings.add(answers == null ? late((Store) asked) : answer((Store) asked, answers));
        }
        refuseWithoutLocal(holdings);
        Survey survey = Survey.of(holdings);
        exchange.setProperty(Survey.PROPERTY, survey);
        survey.holdings().stream()
                .filter(holding -> !holding.answered())
                .forEach(holding -> LOG.atWarn()
                        .addKeyValue("store", holding.store().name())
                        .addKeyValue("hint", holding.unreachable().hint())
                        .log(
                                "The store {} is passed over: {}",
                                holding.store().name(),
                                holding.unreachable().getMessage()));
    }

    /** A store elsewhere may be away; if the local one is, something is wrong with this machine. */
    private static void refuseWithoutLocal(List<Holding> holdings) {
        for (Holding holding : holdings) {
            if (!holding.answered() && holding.isLocal()) {
                throw holding.unreachable();
            }
        }
    }

    private static Holding answer(Store asked, List<?> answers) {
        return answers.stream()
                .filter(answer ->
                        answer instanceof Holding holding && holding.store().equals(asked))
                .map(Holding.class::cast)
                .findFirst()
                .orElseGet(() -> late(asked));
    }

    private static Holding late(Store store) {
        return Holding.unreachable(store, Failure.running("it did not answer in time", WHERE_TO_LOOK));
    }

    /** The body is a file that is to be read ahead. */
    public void ahead(Exchange exchange) {
        Survey.Place place = exchange.getMessage().getBody(Survey.Place.class);
        exchange.setProperty(Store.PROPERTY, place.store());
        exchange.getMessage().setHeader(Exchange.FILE_NAME, place.path());
    }

    /** The exchange carries the exception: whoever needs that file fails over it, nobody else. */
    public void unread(Exchange exchange) {
        Failure why = Failures.of(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
        LOG.atWarn()
                .addKeyValue("path", exchange.getMessage().getHeader(Exchange.FILE_NAME, String.class))
                .log("not read from {}: {}", store(exchange, Store.PROPERTY).name(), why.getMessage());
    }
}
