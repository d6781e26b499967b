package io.millrace.local.lake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TextTableTest {
  @Test
  void alignsTextLeftAndNumbersRight() {
    // given
    TextTable table = new TextTable(List.of("country", "revenue"));
    table.add(List.of("Norway", new BigDecimal("1234.50")));
    table.add(Arrays.asList(null, new BigDecimal("7.00")));
    table.add(List.of("日本", 12));

    // when
    String text = printed(table);

    // then
    assertThat(text)
        .isEqualTo(
            """
            country  revenue
            -------  -------
            Norway   1234.50
            null        7.00
            日本          12
            """);
  }

  @Test
  void keepsLineBreaksOutOfItsLines() {
    // given
    TextTable table = new TextTable(List.of("text"));
    table.add(List.of("two\nlines"));

    // when
    String text = printed(table);

    // then
    assertThat(text.lines()).containsExactly("text", "----------", "two\\nlines");
  }

  @Test
  void refusesRowsOfAnotherWidth() {
    // given
    TextTable table = new TextTable(List.of("a", "b"));

    // then
    assertThatIllegalArgumentException().isThrownBy(() -> table.add(List.of("a")));
  }

  private static String printed(TextTable table) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    table.print(new PrintStream(bytes, true, UTF_8));
    return bytes.toString(UTF_8);
  }
}
