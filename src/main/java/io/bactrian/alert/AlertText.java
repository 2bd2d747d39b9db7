package io.bactrian.alert;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** An alert as people read it: what, why, what to do, since when, what happens next, where. */
public final class AlertText {
    private AlertText() {}

    /** Each with its label, in the order in which they matter. */
    static Map<String, String> facts(Alert alert) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Why", alert.why());
        if (!alert.event().isTrouble()) {
            facts.put("What", facts.remove("Why"));
        }
        put(facts, "Hint", alert.hint());
        if (alert.event().isTrouble() || alert.event() == Event.RECOVERY) {
            put(facts, "Since", alert.since());
        }
        put(facts, "Next attempt", alert.next());
        put(facts, "Where", alert.where());
        return facts;
    }

    private static void put(Map<String, String> facts, String label, Object fact) {
        if (fact != null) {
            facts.put(label, fact.toString());
        }
    }

    public static String plain(Alert alert) {
        return facts(alert).entrySet().stream()
                .map(fact -> fact.getKey() + ": " + fact.getValue())
                .collect(Collectors.joining("\n", alert.headline() + "\n\n", "\n"));
    }

    public static String html(Alert alert) {
        return facts(alert).entrySet().stream()
                .map(fact -> "<tr><th align=\"left\" valign=\"top\">" + escaped(fact.getKey()) + "</th><td>"
                        + escaped(fact.getValue()).replace("\n", "<br>") + "</td></tr>\n")
                .collect(Collectors.joining(
                        "",
                        "<!DOCTYPE html><html><body><h3>" + escaped(alert.headline()) + "</h3>\n<table>\n",
                        "</table></body></html>\n"));
    }

    /** As HTML and as Slack's mrkdwn want it. */
    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
