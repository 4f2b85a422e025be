use super::super::fixture::{member, role};
use super::*;

fn used(name: &str) -> Used {
    Used { name: name.into(), owner: true, altered: false, named: false, granted: false }
}

fn roles(names: &[&str], memberships: &[(&str, &str)]) -> Roles {
    Roles {
        roles: names.iter().map(|name| role(name)).collect(),
        memberships: memberships.iter().map(|(who, whose)| member(who, whose)).collect(),
    }
}

fn decide(source: &Roles, target: &Roles, superuser: bool, version: u32) -> Bringing {
    bring(&[used("app")], source, &There { roles: target, me: "me", superuser, version })
}

fn names(bringing: &Bringing) -> Vec<&str> {
    bringing.roles.iter().map(|role| role.name.as_str()).collect()
}

#[test]
fn a_role_brings_those_that_it_is_a_member_of_as_far_as_they_are_missing() {
    let source = roles(
        &["app", "far", "near", "other", "there"],
        &[("app", "near"), ("near", "far"), ("app", "there"), ("other", "app"), ("app", "pg_monitor")],
    );
    let mut target = roles(&["there", "me"], &[]);
    target.roles.push(role("pg_monitor"));
    let bringing = decide(&source, &target, true, 15);
    assert_eq!(names(&bringing), ["app", "far", "near"]);
    assert_eq!((bringing.memberships.len(), bringing.not_copied.len()), (4, 0));
    assert!(bringing.joined.is_empty());
}

#[test]
fn a_role_that_the_target_has_stays_and_is_told_if_it_differs() {
    let mut source = roles(&["app", "near"], &[("app", "near")]);
    source.roles[0].login = true;
    let bringing = decide(&source, &roles(&["app", "near"], &[]), true, 15);
    assert!(bringing.roles.is_empty() && bringing.memberships.is_empty());
    let message = &bringing.warnings[0].message;
    assert!(message.contains("LOGIN") && message.contains("its membership in near"), "{message}");
    let same = decide(&source, &source, true, 15);
    assert!(same.warnings.is_empty());
}

#[test]
fn a_plain_role_joins_the_owners_for_the_run_unless_it_was_one_of_them() {
    let bringing = decide(&roles(&["app"], &[]), &roles(&["me"], &[]), false, 16);
    assert_eq!(bringing.joined, [Ident::new("app")]);
    let member = decide(&roles(&["app", "me"], &[("me", "app")]), &roles(&["me"], &[]), false, 16);
    assert!(member.joined.is_empty());
    assert_eq!(member.memberships.len(), 1);
}

#[test]
fn a_restriction_that_the_target_does_not_know_is_not_lifted_but_named() {
    let mut source = roles(&["app", "near"], &[("app", "near")]);
    (source.memberships[0].inherit, source.memberships[0].set_role) = (Some(false), Some(true));
    let old = decide(&source, &Roles::default(), true, 15);
    assert_eq!((old.memberships.len(), old.not_copied.len()), (0, 1));
    assert_eq!(old.not_copied[0].object, "app in near");
    assert_eq!(decide(&source, &Roles::default(), true, 16).memberships.len(), 1);
}

#[test]
fn the_right_to_administer_a_role_does_not_bring_it() {
    let mut source = roles(&["app", "made_by_app"], &[("app", "made_by_app")]);
    (source.memberships[0].inherit, source.memberships[0].set_role) = (Some(false), Some(false));
    let bringing = decide(&source, &Roles::default(), true, 17);
    assert_eq!(names(&bringing), ["app"]);
    assert!(bringing.memberships.is_empty() && bringing.not_copied.is_empty());
}

#[test]
fn a_grantor_is_given_his_right_before_he_grants() {
    let mut source = roles(&["app", "boss", "team"], &[("app", "team"), ("boss", "team"), ("app", "boss")]);
    for membership in &mut source.memberships {
        (membership.inherit, membership.set_role) = (Some(true), Some(true));
    }
    source.memberships[0].grantor = Some("boss".into());
    source.memberships[1].admin = true;
    source.memberships[2].grantor = Some("gone".into());
    let bringing = decide(&source, &Roles::default(), true, 16);
    let order: Vec<(&str, Option<&str>)> =
        bringing.memberships.iter().map(|m| (m.role.as_str(), m.grantor.as_deref())).collect();
    assert_eq!(order, [("team", None), ("team", Some("boss")), ("boss", None)]);
    let earlier = decide(&source, &Roles::default(), true, 15);
    assert!(earlier.memberships.iter().all(|membership| membership.grantor.is_none()));
}

#[test]
fn a_role_of_a_run_is_no_role_of_the_source() {
    assert!(is_system("fdwcopy_0a1b2c3d") && is_system("pg_monitor"));
    assert!(!is_system("fdwcopy_admin") && !is_system("postgres"));
}
