use super::*;

const ALL: Wanted = Wanted { owner: true, privileges: true, comments: true, replace: false };

fn right(grantee: Option<&str>, privilege: Privilege) -> Right {
    Right { grantee: grantee.map(str::to_owned), privilege, grantable: false }
}

/// A database as it is created.
fn fresh(name: &str) -> Properties {
    Properties {
        name: name.into(),
        owner: "boss".into(),
        connections: -1,
        rights: [right(None, Privilege::Connect), right(None, Privilege::Temporary)].into(),
        of_owner: Privilege::ALL.into(),
        ..Properties::default()
    }
}

fn settings(kept: &[&str]) -> Vec<Setting> {
    kept.iter().filter_map(|kept| Setting::parse(kept)).collect()
}

fn statements(changes: &Changes) -> Vec<String> {
    changes.steps.iter().map(|step| step.statement.to_string()).collect()
}

fn decide(source: &Properties, target: &Properties, wanted: Wanted) -> Changes {
    changes(source, target, wanted, &["app"].into())
}

#[test]
fn a_fresh_database_is_not_changed() {
    let changes = decide(&fresh("a"), &fresh("b"), ALL);
    assert!(changes.steps.is_empty() && changes.not_copied.is_empty() && changes.warnings.is_empty());
}

#[test]
fn all_that_a_database_has_of_its_own_is_brought_under_the_targets_name() {
    let source = Properties {
        comment: Some("it's the shop".into()),
        connections: 7,
        template: true,
        settings: settings(&["work_mem=64MB", "search_path=\"$user\", app"]),
        role_settings: [("app".into(), settings(&["statement_timeout=5s"]))].into(),
        labels: [("dummy".into(), "secret".into())].into(),
        rights: [right(None, Privilege::Temporary), right(Some("app"), Privilege::Connect)].into(),
        ..fresh("shop")
    };
    let changes = decide(&source, &fresh("The Copy"), ALL);
    assert_eq!(
        statements(&changes),
        [
            r#"ALTER DATABASE "The Copy" SET "work_mem" TO '64MB'"#,
            r#"ALTER DATABASE "The Copy" SET "search_path" TO '$user', 'app'"#,
            r#"ALTER ROLE "app" IN DATABASE "The Copy" SET "statement_timeout" TO '5s'"#,
            r#"ALTER DATABASE "The Copy" CONNECTION LIMIT 7"#,
            r#"ALTER DATABASE "The Copy" IS_TEMPLATE true"#,
            r#"SECURITY LABEL FOR "dummy" ON DATABASE "The Copy" IS 'secret'"#,
            r#"COMMENT ON DATABASE "The Copy" IS 'it''s the shop'"#,
            r#"REVOKE CONNECT ON DATABASE "The Copy" FROM PUBLIC"#,
            r#"GRANT CONNECT ON DATABASE "The Copy" TO "app""#,
        ]
    );
    let bare = Wanted { owner: false, privileges: false, comments: false, replace: false };
    assert_eq!(decide(&source, &fresh("b"), bare).steps.len(), 6);
}

#[test]
fn what_the_target_has_otherwise_stays_and_is_named_unless_it_is_replaced() {
    let target = Properties {
        comment: Some("mine".into()),
        settings: settings(&["work_mem=1MB", "jit=off"]),
        rights: [right(None, Privilege::Temporary)].into(),
        ..fresh("b")
    };
    let source =
        Properties { comment: Some("theirs".into()), settings: settings(&["work_mem=64MB"]), ..fresh("a") };
    let kept = decide(&source, &target, ALL);
    assert!(kept.steps.is_empty(), "{:?}", kept.steps);
    let kinds: Vec<&str> = kept.not_copied.iter().map(|left| left.kind.as_str()).collect();
    assert_eq!(kinds, ["DATABASE SETTING", "COMMENT", "DATABASE PRIVILEGE"]);
    assert!(kept.not_copied[0].reason.contains(r#"ALTER DATABASE "b" SET "work_mem" TO '64MB'"#));
    let replaced = decide(&source, &target, Wanted { replace: true, ..ALL });
    assert_eq!((replaced.steps.len(), replaced.not_copied.len()), (3, 0));
    assert!(decide(&target, &target, ALL).steps.is_empty());
}

#[test]
fn settings_of_a_role_that_is_not_there_and_rights_of_the_owner_are_named() {
    let mut source =
        Properties { role_settings: [("other".into(), settings(&["jit=off"]))].into(), ..fresh("a") };
    source.of_owner.remove(&Privilege::Create);
    source.owner = "chief".into();
    let changes = decide(&source, &fresh("b"), ALL);
    assert!(changes.steps.is_empty());
    let reasons: Vec<&str> = changes.not_copied.iter().map(|left| left.reason.as_str()).collect();
    assert!(reasons[0].contains("--roles") && reasons[1].contains("owner"), "{reasons:?}");
    assert_eq!(changes.warnings[0].code, "database-owner-differs");
}
