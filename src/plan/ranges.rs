//! Whole numbers in buckets, each as wide as the same power of two.
//!
//! A number's bucket is the number without its lowest bits: that takes no table of bounds, cannot overflow, is the same for
//! every width of integer, and a bucket can always be divided further, down to single numbers.
//!
//! Invariant: pure; every number is in exactly one bucket, and all numbers of a bucket lie side by side.
//! Deliberately absent: where the numbers come from, and what is summed up.

/// Numbers that lie side by side, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The lowest.
    pub from: i64,
    /// The highest.
    pub to: i64,
}

/// The width of all buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranges {
    /// How many bits tell the numbers of a bucket apart.
    shift: u32,
}

impl Span {
    /// All numbers.
    pub const ALL: Self = Self { from: i64::MIN, to: i64::MAX };

    /// The least that holds both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self { from: self.from.min(other.from), to: self.to.max(other.to) }
    }
}

impl Ranges {
    /// The narrowest buckets of which no more than `most` hold a number of this span.
    #[must_use]
    pub fn over(span: Span, most: u64) -> Self {
        let holds = |shift: &u32| (span.to >> shift).abs_diff(span.from >> shift) < most.max(2);
        // Without 63 bits there are two buckets: the negative numbers and the others.
        Self { shift: (0..63).find(holds).unwrap_or(63) }
    }

    /// How many bits are taken away from a number to tell its bucket.
    #[must_use]
    pub fn shift(self) -> u32 {
        self.shift
    }

    /// The numbers in a bucket.
    #[must_use]
    pub fn span(self, bucket: i64) -> Span {
        let from = bucket << self.shift;
        Span { from, to: from | !(-1 << self.shift) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_widest_buckets_hold_all_numbers() {
        let ranges = Ranges::over(Span::ALL, 1);
        assert_eq!(
            [ranges.span(-1), ranges.span(0)],
            [Span { to: -1, ..Span::ALL }, Span { from: 0, ..Span::ALL }]
        );
    }

    #[test]
    fn a_thousand_dense_numbers_in_ten_buckets() {
        let ranges = Ranges::over(Span { from: 1, to: 1000 }, 10);
        assert_eq!((ranges.shift(), ranges.span(0)), (7, Span { from: 0, to: 127 }));
    }

    #[test]
    fn one_number_is_a_bucket_of_its_own() {
        let span = Span { from: i64::MIN, to: i64::MIN };
        assert_eq!(Ranges::over(span, 8).span(i64::MIN), span);
    }

    fn number() -> impl Strategy<Value = i64> {
        prop_oneof![any::<i64>(), -5000..5000i64, Just(i64::MIN), Just(i64::MAX)]
    }

    proptest! {
        #[test]
        fn every_number_is_in_its_bucket_and_in_no_other(a in number(), b in number(), most in 0..5000u64, n in number()) {
            let ranges = Ranges::over(Span { from: a.min(b), to: a.max(b) }, most);
            let bucket = n >> ranges.shift();
            let span = ranges.span(bucket);
            prop_assert!(span.from <= n && n <= span.to);
            prop_assert!(span.from == i64::MIN || ranges.span(bucket - 1).to == span.from - 1);
            prop_assert!(span.to == i64::MAX || ranges.span(bucket + 1).from == span.to + 1);
        }

        #[test]
        fn a_span_takes_no_more_buckets_than_wanted(a in number(), b in number(), most in 2..5000u64) {
            let (from, to) = (a.min(b), a.max(b));
            let shift = Ranges::over(Span { from, to }, most).shift();
            prop_assert!((to >> shift).abs_diff(from >> shift) < most);
        }

        #[test]
        fn a_bucket_can_be_divided_until_it_is_one_number(shift in 1..64u32, bucket in -3..3i64, most in 2..5000u64) {
            let whole = Ranges { shift }.span(if shift > 60 { bucket.signum().min(0) } else { bucket });
            prop_assert!(Ranges::over(whole, most).shift() < shift);
        }
    }
}
