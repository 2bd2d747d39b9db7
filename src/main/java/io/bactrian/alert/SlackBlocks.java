package io.bactrian.alert;

import com.slack.api.model.Message;
import com.slack.api.model.block.HeaderBlock;
import com.slack.api.model.block.LayoutBlock;
import com.slack.api.model.block.SectionBlock;
import com.slack.api.model.block.composition.MarkdownTextObject;
import com.slack.api.model.block.composition.PlainTextObject;
import java.util.ArrayList;
import java.util.List;

/** An alert as Slack shows it (api.slack.com/reference/block-kit/blocks, whose limits these are). */
public final class SlackBlocks {
    private static final int LONGEST_HEADER = 150;
    private static final int LONGEST_SECTION = 3000;

    private SlackBlocks() {}

    public static Message of(Alert alert) {
        List<LayoutBlock> blocks = new ArrayList<>();
        blocks.add(HeaderBlock.builder()
                .text(PlainTextObject.builder()
                        .text(shortened(alert.headline(), LONGEST_HEADER))
                        .build())
                .build());
        AlertText.facts(alert)
                .forEach((label, fact) -> blocks.add(SectionBlock.builder()
                        .text(MarkdownTextObject.builder()
                                .text(shortened("*" + label + "*\n" + AlertText.escaped(fact), LONGEST_SECTION))
                                .build())
                        .build()));
        Message message = new Message();
        message.setText(AlertText.escaped(alert.headline() + ": " + alert.why()));
        message.setBlocks(blocks);
        return message;
    }

    private static String shortened(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
    }
}
