//! Numbers, times and names as people read them.
//!
//! Invariant: pure; the same value reads the same in a bar, a line and the ending.
//! Deliberately absent: numbers for machines, which the report holds unrounded.

use std::borrow::Cow;
use std::time::Duration;

use console::measure_text_width;
use indicatif::{FormattedDuration, HumanBytes, HumanCount, HumanDuration};

/// `64 MiB`, `1.21 GiB`.
pub(super) fn size(bytes: u64) -> String {
    HumanBytes(bytes).to_string().replace(".00 ", " ")
}

/// `85.10 MiB/s`, from bytes and the time they took.
pub(super) fn rate(bytes_per_second: f64) -> String {
    // A rate is never negative nor near 2^64; the cast saturates anyway.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = bytes_per_second as u64;
    format!("{}/s", size(whole))
}

/// `1 table`, `2,000 tables`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", HumanCount(count as u64), if count == 1 { "" } else { "s" })
}

/// `12.3 s`, from 100 seconds on `00:12:05`.
pub(super) fn took(time: Duration) -> String {
    if time.as_secs() < 100 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        FormattedDuration(time).to_string()
    }
}

/// A time nobody needs exactly: `34s`, `12m`.
pub(super) fn about(time: Duration) -> String {
    format!("{:#}", HumanDuration(time))
}

/// The text in at most `width` columns; what is left out is left out in the middle, since names
/// that are alike mostly differ at their end.
pub(super) fn shorten(text: &str, width: usize) -> Cow<'_, str> {
    if measure_text_width(text) <= width {
        return Cow::Borrowed(text);
    }
    let room = width.saturating_sub(1);
    let head: String = fitting(text.chars(), room.div_ceil(2));
    let tail: String = fitting(text.chars().rev(), room / 2);
    Cow::Owned(format!("{head}…{}", tail.chars().rev().collect::<String>()))
}

fn fitting(chars: impl Iterator<Item = char>, width: usize) -> String {
    let mut kept = String::new();
    for c in chars {
        kept.push(c);
        if measure_text_width(&kept) > width {
            kept.pop();
            break;
        }
    }
    kept
}

/// The text without control characters other than line ends and tabs: a name or a server's message
/// must not be able to move the cursor or ring the bell.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    let harmful = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.contains(harmful) { Cow::Owned(text.replace(harmful, "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// The same for a text that must stay on one line.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) {
        Cow::Owned(text.replace(char::is_control, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_sizes_and_plain_counts_stay_short() {
        assert_eq!(size(64 << 20), "64 MiB");
        assert_eq!(size(1_300_000_000), "1.21 GiB");
        assert_eq!(rate(2_621_440.7), "2.50 MiB/s");
        assert_eq!([counted(1, "table"), counted(2000, "table")], ["1 table", "2,000 tables"]);
    }

    #[test]
    fn long_times_are_told_as_on_a_clock() {
        assert_eq!(took(Duration::from_millis(12_345)), "12.3 s");
        assert_eq!(took(Duration::from_secs(725)), "00:12:05");
        assert_eq!(about(Duration::from_secs(34)), "34s");
    }

    #[test]
    fn a_long_name_keeps_its_beginning_and_its_end() {
        assert_eq!(shorten("public.orders", 13), "public.orders");
        assert_eq!(shorten("public.orders_2024_01", 13), "public…024_01");
        assert_eq!(shorten("public.注文明細", 11), "publi…明細");
        assert_eq!(shorten("abc", 0), "…");
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\nc"), "a\u{fffd}[2Jb\nc");
        assert_eq!(one_line("a\nb"), "a\u{fffd}b");
    }
}
