use proptest::prelude::*;

use super::*;

fn counts(start: i64, increment: i64, least: i64, most: i64) -> Definition {
    Definition { kind: "bigint".into(), start, increment, least, most, cycles: false }
}

fn plain() -> Definition {
    counts(1, 1, 1, i64::MAX)
}

fn called(last_value: i64) -> State {
    State { last_value, is_called: true }
}

fn fresh(last_value: i64) -> State {
    State { last_value, is_called: false }
}

fn up_to(extreme: Option<i64>) -> Data {
    Data { seen: true, extreme, ..Data::default() }
}

const BOTH: Policy = Policy { from: From::Both, ahead: 0, backwards: false };
const DATA: Policy = Policy { from: From::Data, ..BOTH };
const SOURCE_ONLY: Policy = Policy { from: From::Source, ..BOTH };

/// The decision about a sequence that counts alike on both sides.
fn decided(
    definition: &Definition,
    source: Option<State>,
    state: State,
    data: &Data,
    policy: Policy,
) -> (State, Decision) {
    let source = source.map(|source| (definition, source));
    let decision = decide(&Case { definition, source, state, data }, policy);
    (decision.state, decision)
}

#[test]
fn the_sources_state_is_taken_over_exactly() {
    for state in [called(7), fresh(7), called(1)] {
        assert_eq!(decided(&plain(), Some(state), fresh(1), &up_to(Some(0)), BOTH).0, state);
    }
    let (state, decision) = decided(&plain(), Some(fresh(1)), fresh(1), &up_to(None), BOTH);
    assert_eq!((state, decision.change), (fresh(1), false));
}

#[test]
fn data_beyond_the_source_win_unless_only_the_source_counts() {
    let data = up_to(Some(50));
    assert_eq!(decided(&plain(), Some(called(7)), fresh(1), &data, BOTH).0, called(50));
    assert_eq!(decided(&plain(), Some(called(7)), fresh(1), &data, SOURCE_ONLY).0, called(7));
    assert_eq!(decided(&plain(), Some(fresh(50)), fresh(1), &data, BOTH).0, called(50));
    assert_eq!(decided(&plain(), Some(fresh(51)), fresh(1), &data, BOTH).0, fresh(51));
}

#[test]
fn empty_tables_mean_start_and_nothing_handed_out() {
    let definition = counts(100, 1, 1, 1000);
    assert_eq!(decided(&definition, None, fresh(1), &up_to(None), DATA).0, fresh(100));
    let (state, decision) = decided(&definition, None, called(300), &up_to(None), DATA);
    assert_eq!((state, decision.change), (called(300), false));
}

#[test]
fn a_falling_sequence_goes_below_the_least_value() {
    let definition = counts(-1, -1, i64::MIN, -1);
    assert_eq!(decided(&definition, None, fresh(-1), &up_to(Some(-40)), DATA).0, called(-40));
    assert_eq!(decided(&definition, Some(called(-50)), called(-60), &up_to(Some(-40)), BOTH).0, called(-60));
    assert!(outlook(&definition, called(-39), &up_to(Some(-40))).collides);
    assert!(!outlook(&definition, called(-40), &up_to(Some(-40))).collides);
}

#[test]
fn a_value_stays_in_its_residue_class() {
    let even = counts(2, 2, 1, 1000);
    assert_eq!(
        outlook(&even, decided(&even, None, fresh(2), &up_to(Some(7)), DATA).0, &up_to(Some(7))).next,
        Some(8)
    );
    assert_eq!(
        outlook(&even, decided(&even, None, fresh(2), &up_to(Some(8)), DATA).0, &up_to(Some(8))).next,
        Some(10)
    );
    // The source's was put among the odd ones by hand.
    let (state, _) = decided(&even, Some(called(5)), fresh(2), &up_to(Some(8)), BOTH);
    assert_eq!(outlook(&even, state, &up_to(Some(8))).next, Some(9));
}

#[test]
fn nothing_goes_back_unless_it_is_allowed() {
    let back = Policy { backwards: true, ..BOTH };
    let (state, decision) = decided(&plain(), Some(called(7)), called(9), &up_to(Some(5)), BOTH);
    assert_eq!((state, decision.change, decision.reason), (called(9), false, "it is ahead of the source"));
    assert_eq!(decided(&plain(), Some(called(7)), called(9), &up_to(Some(5)), back).0, called(7));
    // The same value, handed out once more.
    assert_eq!(decided(&plain(), Some(fresh(7)), called(7), &up_to(Some(5)), BOTH).0, called(7));
    assert!(goes_back(&plain(), called(7), fresh(7)) && !goes_back(&plain(), fresh(7), called(7)));
}

#[test]
fn head_room_is_counted_in_steps_and_only_taken_where_there_is_some() {
    let ahead = Policy { ahead: 10, ..BOTH };
    let tens = counts(10, 10, 1, 250);
    assert_eq!(decided(&tens, Some(called(50)), fresh(10), &up_to(Some(20)), ahead).0, called(150));
    let (state, decision) = decided(&tens, Some(called(200)), fresh(10), &up_to(Some(20)), ahead);
    assert_eq!((state, decision.remarks), (called(200), vec![Remark::NoHeadRoom]));
    assert_eq!(decided(&plain(), Some(fresh(1)), fresh(1), &up_to(None), ahead).0, fresh(11));
}

#[test]
fn a_sequence_that_begins_anew_follows_the_source_alone() {
    let definition = Definition { cycles: true, ..counts(1, 1, 1, 10) };
    let (state, decision) = decided(&definition, Some(called(4)), fresh(1), &up_to(Some(10)), BOTH);
    assert_eq!((state, decision.remarks), (called(4), vec![Remark::Cycles]));
    let (state, decision) = decided(&definition, None, called(3), &up_to(Some(10)), DATA);
    assert_eq!((state, decision.remarks), (called(3), vec![Remark::Cycles, Remark::NothingToGoBy]));
    assert_eq!(outlook(&definition, called(10), &up_to(Some(10))).next, Some(1));
}

#[test]
fn at_its_end_a_sequence_refuses_rather_than_to_collide() {
    let small = counts(1, 1, 1, 32767);
    let (state, _) = decided(&small, None, fresh(1), &up_to(Some(32767)), DATA);
    let after = outlook(&small, state, &up_to(Some(32767)));
    assert_eq!((state, after.next, after.exhausted, after.collides), (called(32767), None, true, false));
    let odd = counts(1, 2, 1, 10);
    assert_eq!(decided(&odd, None, fresh(1), &up_to(Some(9)), DATA).0, called(9));
}

#[test]
fn a_source_beyond_the_bounds_of_the_target_is_not_followed() {
    let (wide, narrow) = (plain(), counts(1, 1, 1, 32767));
    let case = |source, data| {
        decide(&Case { definition: &narrow, source: Some((&wide, source)), state: fresh(1), data }, BOTH)
    };
    let data = up_to(Some(12));
    let decision = case(called(3_000_000), &data);
    assert_eq!(decision.state, called(12));
    assert!(decision.remarks.contains(&Remark::OutOfBounds));
    assert_eq!(case(called(100), &data).state, called(100));
    assert!(case(called(100), &data).remarks.contains(&Remark::DefinitionDiffers));
}

#[test]
fn a_source_with_another_step_is_only_a_limit() {
    let (fives, ones) = (counts(5, 5, 1, 1000), plain());
    let data = up_to(Some(3));
    let decide = |source, state| {
        decide(&Case { definition: &fives, source: Some((&ones, source)), state, data: &data }, BOTH)
    };
    assert_eq!(outlook(&fives, decide(called(12), fresh(5)).state, &data).next, Some(15));
    assert_eq!(outlook(&fives, decide(fresh(15), fresh(5)).state, &data).next, Some(15));
    let falling = counts(-1, -1, -100, -1);
    let other =
        Case { definition: &falling, source: Some((&ones, called(9))), state: fresh(-1), data: &data };
    assert!(super::decide(&other, BOTH).remarks.contains(&Remark::DirectionDiffers));
}

#[test]
fn the_narrower_of_sequence_and_column_tells_what_is_used() {
    let data = Data { column_end: Some(32767), ..up_to(Some(30_000)) };
    let used = outlook(&plain(), called(30_000), &data).used;
    assert!((used - 91.6).abs() < 0.1, "{used}");
    let over = outlook(&plain(), called(32767), &data);
    assert!(over.exhausted && over.next == Some(32768) && over.used >= 100.0);
    assert!(outlook(&plain(), called(30_000), &up_to(None)).used < 0.001);
    // A high START is not a part that is used.
    assert!(outlook(&counts(1_000_000, 1, 1, 1_000_999), fresh(1_000_000), &up_to(None)).used < 0.001);
}

fn definition() -> impl Strategy<Value = Definition> {
    let ends = prop_oneof![
        (-200..200_i64, 0..300_i64),
        Just((i64::MIN, i64::MAX)),
        Just((1, i64::MAX)),
        (1..5_i64, 0..40_i64)
    ];
    let step = prop_oneof![1..7_i64, -6..0_i64, Just(i64::MAX), Just(i64::MIN)];
    (ends, step, 0.0..1.0_f64).prop_map(|((least, width), increment, place)| {
        let most = least.saturating_add(width);
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
        let start = least.saturating_add((width as f64 * place) as i64).clamp(least, most);
        counts(start, increment, least, most)
    })
}

/// A state within the bounds: any value, or one near the ends.
fn state(definition: &Definition) -> impl Strategy<Value = State> + use<> {
    let (least, most) = (definition.least, definition.most);
    (least..=most, any::<bool>()).prop_map(|(last_value, is_called)| State { last_value, is_called })
}

fn situation() -> impl Strategy<Value = (Definition, Option<State>, State, Data)> {
    definition().prop_flat_map(|definition| {
        let source = proptest::option::of(state(&definition));
        let extreme = proptest::option::of(definition.least..=definition.most);
        (Just(definition.clone()), source, state(&definition), extreme.prop_map(up_to))
    })
}

fn policy() -> impl Strategy<Value = Policy> {
    let from = prop_oneof![Just(From::Source), Just(From::Data), Just(From::Both)];
    (from, prop_oneof![Just(0_u64), 0..20_u64, Just(u64::MAX)], any::<bool>())
        .prop_map(|(from, ahead, backwards)| Policy { from, ahead, backwards })
}

#[test]
fn another_nodes_class_is_not_taken_over() {
    let (odd, even) = (counts(1, 2, 1, 1000), counts(2, 2, 1, 1000));
    let data = up_to(Some(4));
    let case = Case { definition: &even, source: Some((&odd, called(7))), state: fresh(2), data: &data };
    let decision = decide(&case, BOTH);
    assert_eq!(outlook(&even, decision.state, &data).next, Some(8));
    assert!(!decision.remarks.contains(&Remark::OtherClass));
}

#[test]
fn a_class_put_in_by_hand_stays_and_is_told() {
    let odd = counts(1, 2, 1, 1000);
    let (state, decision) = decided(&odd, None, called(4), &up_to(Some(7)), DATA);
    assert_eq!(outlook(&odd, state, &up_to(Some(7))).next, Some(8));
    assert!(decision.change && decision.remarks.contains(&Remark::OtherClass));
    let (state, decision) = decided(&counts(2, 2, 1, 1000), None, called(9), &up_to(Some(8)), DATA);
    assert_eq!((state, decision.change, decision.remarks), (called(9), false, vec![Remark::OtherClass]));
}

#[test]
fn nothing_goes_back_on_evidence_in_part() {
    let back = Policy { backwards: true, ..BOTH };
    let data = Data { hidden: vec!["t.id".into()], ..up_to(Some(5)) };
    assert!(!decided(&plain(), Some(called(7)), called(9), &data, back).1.change);
    let data = Data { unprovable: vec!["t.id".into()], ..up_to(Some(5)) };
    assert!(!decided(&plain(), Some(called(7)), called(9), &data, back).1.change);
}

#[test]
fn rows_before_start_mean_start() {
    let back = Policy { backwards: true, ..DATA };
    let late = counts(100, 1, 1, 1000);
    assert_eq!(decided(&late, None, called(200), &up_to(Some(3)), back).0, fresh(100));
    assert_eq!(decided(&late, None, called(200), &up_to(Some(100)), back).0, called(100));
}

#[test]
fn head_room_ends_with_the_column() {
    let data = Data { column_end: Some(32767), ..up_to(Some(32_700)) };
    let (state, decision) = decided(&plain(), None, fresh(1), &data, Policy { ahead: 100, ..DATA });
    assert_eq!((state, decision.remarks), (called(32_700), vec![Remark::NoHeadRoom]));
}

#[test]
fn a_sequence_that_begins_anew_follows_the_source_past_its_end_too() {
    let ring = Definition { cycles: true, ..counts(1, 1, 1, 10) };
    let ahead = Policy { ahead: 3, ..BOTH };
    assert_eq!(decided(&ring, Some(called(2)), called(9), &up_to(Some(10)), BOTH).0, called(2));
    assert_eq!(decided(&ring, Some(called(2)), called(9), &up_to(Some(10)), ahead).0, called(5));
}

/// Two definitions that step alike, and all else.
fn two_sides() -> impl Strategy<Value = (Definition, Definition, State, State, Data)> {
    (definition(), definition()).prop_flat_map(|(here, there)| {
        let there = Definition { increment: here.increment, ..there };
        let extreme = proptest::option::of(here.least..=here.most);
        (Just(here.clone()), Just(there.clone()), state(&there), state(&here), extreme.prop_map(up_to))
    })
}

proptest! {
    #[test]
    fn the_class_is_the_targets_own_where_the_source_starts_in_another(
        (here, there, source, state, data) in two_sides(), policy in policy(),
    ) {
        let case = Case { definition: &here, source: Some((&there, source)), state, data: &data };
        let decision = decide(&case, policy);
        let step = i128::from(here.increment);
        let apart = |one: i64, other: i64| (i128::from(one) - i128::from(other)) % step != 0;
        let after = decision.state.last_value;
        prop_assert!((here.least..=here.most).contains(&after));
        prop_assert!(!apart(here.start, there.start) || !apart(after, state.last_value) || !apart(after, here.start));
        prop_assert!(policy.backwards || !goes_back(&here, state, decision.state));
    }

    #[test]
    fn the_next_value_never_meets_the_data((definition, source, state, data) in situation(), policy in policy()) {
        let policy = if policy.from == From::Source { Policy { from: From::Both, ..policy } } else { policy };
        let (state, _) = decided(&definition, source, state, &data, policy);
        prop_assert!(!outlook(&definition, state, &data).collides);
    }

    #[test]
    fn a_sequence_never_goes_back((definition, source, state, data) in situation(), policy in policy()) {
        let policy = Policy { backwards: false, ..policy };
        let (after, _) = decided(&definition, source, state, &data, policy);
        prop_assert!(!goes_back(&definition, state, after));
    }

    #[test]
    fn states_stay_within_the_bounds((definition, source, state, data) in situation(), policy in policy()) {
        let (after, _) = decided(&definition, source, state, &data, policy);
        prop_assert!((definition.least..=definition.most).contains(&after.last_value));
    }

    #[test]
    fn what_is_set_stays_in_the_class((definition, source, state, data) in situation(), policy in policy()) {
        let (after, decision) = decided(&definition, source, state, &data, policy);
        let anchor = source.filter(|_| policy.from != From::Data).map_or(state.last_value, |source| source.last_value);
        // START itself, where no row has come to it.
        let anchor = if decision.reason.starts_with("START") { definition.start } else { anchor };
        let distance = i128::from(after.last_value) - i128::from(anchor);
        prop_assert!(!decision.change || distance % i128::from(definition.increment) == 0);
    }

    #[test]
    fn a_second_decision_changes_nothing((definition, source, state, data) in situation(), policy in policy()) {
        let (after, _) = decided(&definition, source, state, &data, policy);
        let (again, decision) = decided(&definition, source, after, &data, policy);
        prop_assert_eq!((again, decision.change), (after, false));
    }

    #[test]
    fn a_share_is_a_share((definition, _, state, data) in situation()) {
        let used = outlook(&definition, state, &data).used;
        prop_assert!((0.0..=100.0).contains(&used));
    }
}
