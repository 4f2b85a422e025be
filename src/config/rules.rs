//! Groups of options, and rules for single tables, of the configuration file.
//!
//! `[group.NAME]` holds options that win over the file's others when `--group NAME` is given; `[rules."TABLE"]` holds what
//! `--where 'TABLE=…'` and its like say, by their long names.
//!
//! Invariant: a rule becomes the words of the command line, so there is one reading of it.

use std::ffi::OsString;

use toml::{Table, Value};

/// The options that are rules, in a table of the file without their pattern.
const RULES: [&str; 7] = ["mode", "where", "columns", "exclude-columns", "into", "key", "watermark"];

/// Merges the group that is asked for into the file's options, and takes the rules out as words.
pub(super) fn expand(mut table: Table, group: Option<&str>) -> Result<(Table, Vec<OsString>), String> {
    let groups = match table.remove("group") {
        None => Table::new(),
        Some(Value::Table(groups)) => groups,
        Some(_) => return Err("'group' is no table of groups".into()),
    };
    let mut rules = rules(table.remove("rules"))?;
    if let Some(name) = group {
        let known = || groups.keys().cloned().collect::<Vec<_>>().join(", ");
        let Some(Value::Table(mut options)) = groups.get(name).cloned() else {
            return Err(format!("there is no group '{name}'; the file has: {}", known()));
        };
        // Of several rules for one table the last counts.
        rules.extend(self::rules(options.remove("rules"))?);
        table.extend(options);
    }
    // A mode that is typed for one table leaves the file's for all others.
    if let Some(modes) = table.remove("mode") {
        let modes = texts(&modes).ok_or("'mode' is neither a text nor a list of texts")?;
        rules.extend(modes.iter().map(|mode| OsString::from(format!("--mode={mode}"))));
    }
    Ok((table, rules))
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(values) => values.iter().map(|value| value.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

fn rules(value: Option<Value>) -> Result<Vec<OsString>, String> {
    let tables = match value {
        None => return Ok(Vec::new()),
        Some(Value::Table(tables)) => tables,
        Some(_) => return Err("'rules' is no table of tables".into()),
    };
    let mut words = Vec::new();
    for (pattern, rule) in &tables {
        let Value::Table(rule) = rule else { return Err(format!("the rule for '{pattern}' is no table")) };
        for (name, value) in rule {
            words.extend(of_one(pattern, name, value).ok_or_else(|| {
                format!(
                    "the rule for '{pattern}' cannot say '{name}'; it says {} or set, each a text or a list",
                    RULES.join(", ")
                )
            })?);
        }
    }
    Ok(words)
}

fn of_one(pattern: &str, name: &str, value: &Value) -> Option<Vec<OsString>> {
    let word = |option: &str, left: &str, right: &str| OsString::from(format!("--{option}={left}={right}"));
    if name == "set" {
        let set = |(column, value): (&String, &Value)| {
            Some(word("set", &format!("{pattern}.{column}"), value.as_str()?))
        };
        return value.as_table()?.iter().map(set).collect();
    }
    if !RULES.contains(&name) {
        return None;
    }
    let texts = texts(value)?;
    // Several conditions are several rules; several columns are one.
    Some(match name {
        "where" => texts.iter().map(|text| word(name, pattern, text)).collect(),
        _ => vec![word(name, pattern, &texts.join(","))],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(file: &str, group: Option<&str>) -> Result<(Vec<String>, Vec<String>), String> {
        let (table, words) = expand(file.parse().unwrap(), group)?;
        let words = words.into_iter().map(|word| word.into_string().unwrap()).collect();
        Ok((table.keys().cloned().collect(), words))
    }

    const FILE: &str = r#"
        jobs = 2
        [rules."public.users"]
        where = ["id > 1", "seen"]
        columns = ["id", "email"]
        set = { email = "md5(email)" }
        [group.nightly]
        mode = "append"
        [group.nightly.rules."public.log"]
        watermark = "at"
    "#;

    #[test]
    fn a_rule_becomes_the_words_of_the_command_line() {
        let (options, words) = expanded(FILE, None).unwrap();
        assert_eq!(options, ["jobs"]);
        assert_eq!(
            words,
            [
                "--columns=public.users=id,email",
                "--set=public.users.email=md5(email)",
                "--where=public.users=id > 1",
                "--where=public.users=seen"
            ]
        );
    }

    #[test]
    fn a_group_adds_its_options_and_rules() {
        let (options, words) = expanded(FILE, Some("nightly")).unwrap();
        assert_eq!(options, ["jobs"]);
        assert!(words.contains(&"--mode=append".to_owned()));
        assert!(words.contains(&"--watermark=public.log=at".to_owned()));
        assert!(expanded(FILE, Some("daily")).unwrap_err().contains("nightly"));
    }

    #[test]
    fn what_is_no_rule_is_named() {
        for (file, named) in
            [("[rules.t]\njobs = 2", "jobs"), ("[rules.t]\nwhere = 2", "where"), ("rules = 1", "rules")]
        {
            assert!(expanded(file, None).unwrap_err().contains(named), "{file}");
        }
    }
}
