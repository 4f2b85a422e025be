//! Options from a TOML file, by the long names of the command line.
//!
//! Invariant: there is one definition of every option, clap's. The file's options are put into the command line
//! where neither it nor the environment says them, and then parsed like typed ones, with the same errors.

mod rules;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, Parser};
use toml::{Table, Value};

use crate::cli::Cli;

/// Parses the command line with the options of its `--config` file; a mistake ends the program as clap does.
pub fn parse_command_line(arguments: impl IntoIterator<Item = OsString>) -> Cli {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match with_file(&arguments) {
        Ok(arguments) => Cli::try_parse_from(arguments).unwrap_or_else(|error| without_secrets(error).exit()),
        Err(message) => Cli::command().error(ErrorKind::InvalidValue, message).exit(),
    }
}

/// clap repeats what it cannot place, and a connection string without its option may hold a password.
fn without_secrets(mut error: clap::Error) -> clap::Error {
    for kind in [ContextKind::InvalidArg, ContextKind::InvalidSubcommand, ContextKind::InvalidValue] {
        let Some(ContextValue::String(text)) = error.get(kind) else { continue };
        if text.contains("://") || text.contains("password") {
            error.insert(kind, ContextValue::String("a connection string".into()));
            // Its tips repeat the text too.
            error.remove(ContextKind::Suggested);
        }
    }
    error
}

/// The command line with the file's options added to it.
fn with_file(arguments: &[OsString]) -> Result<Vec<OsString>, String> {
    // Required options may stand in the file, so this first look must not insist on them.
    let lenient = Cli::command().ignore_errors(true).try_get_matches_from(arguments);
    let matches = lenient.as_ref().ok().and_then(ArgMatches::subcommand);
    let Some((command, matches)) = matches else { return Ok(arguments.to_vec()) };
    let Ok(Some(path)) = matches.try_get_one::<PathBuf>("config") else { return Ok(arguments.to_vec()) };
    let file = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("--config {file}: {error}"))?;
    let table: Table = text.parse().map_err(|error| malformed(&file.to_string(), &text, &error))?;
    let mut all = arguments.to_vec();
    let (table, rules) = if id_of(command, "group").is_some() {
        let group = matches.try_get_one::<String>("group").ok().flatten();
        rules::expand(table, group.map(String::as_str)).map_err(|what| format!("--config {file}: {what}"))?
    } else {
        (table, Vec::new())
    };
    // Before what was typed: of several rules for one table the last counts.
    let place = all.iter().position(|word| word == command).map_or(all.len(), |at| at + 1);
    all.splice(place..place, rules);
    for (name, value) in &table {
        let id = id_of(command, name)
            .ok_or_else(|| format!("--config {file}: '{name}' is no option of fdwcopy {command}"))?;
        let said =
            matches!(matches.value_source(&id), Some(ValueSource::CommandLine | ValueSource::EnvVariable));
        if !said {
            all.extend(words(name, value).map_err(|what| format!("--config {file}: '{name}' {what}"))?);
        }
    }
    Ok(all)
}

/// The whole message of the parser would show the line, which may hold a password.
fn malformed(file: &str, text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    format!("--config {file}: line {}: {}", before.lines().count().max(1), error.message())
}

/// clap's own name of the option with this long name.
fn id_of(command: &str, long: &str) -> Option<String> {
    let cli = Cli::command();
    let command = cli.find_subcommand(command)?;
    let known = command.get_arguments().find(|argument| argument.get_long() == Some(long))?;
    (long != "config").then(|| known.get_id().to_string())
}

/// A value as command-line words.
fn words(name: &str, value: &Value) -> Result<Vec<OsString>, &'static str> {
    let one = |text: String| vec![OsString::from(format!("--{name}={text}"))];
    Ok(match value {
        Value::Boolean(true) => vec![OsString::from(format!("--{name}"))],
        Value::Boolean(false) => Vec::new(),
        Value::String(text) => one(text.clone()),
        Value::Integer(number) => one(number.to_string()),
        Value::Array(values) => {
            values.iter().map(|value| words(name, value)).collect::<Result<Vec<_>, _>>()?.concat()
        }
        _ => return Err("is neither a text, a number, true or false, nor a list of these"),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn with(file: &str, typed: &[&str]) -> Result<Vec<String>, String> {
        let mut config = tempfile::NamedTempFile::new().unwrap();
        config.write_all(file.as_bytes()).unwrap();
        let path = config.path().to_str().unwrap();
        let arguments = [&["fdwcopy", "clone", "--config", path], typed].concat();
        let words = with_file(&arguments.iter().map(OsString::from).collect::<Vec<_>>())?;
        Ok(words.into_iter().skip(4 + typed.len()).map(|word| word.into_string().unwrap()).collect())
    }

    #[test]
    fn options_are_taken_by_their_long_names() {
        let file =
            "source = 'host=a'\njobs = 2\nno-owner = true\nno-comments = false\ntable = ['a.b', '/c/']";
        let mut words = with(file, &[]).unwrap();
        words.sort();
        assert_eq!(words, ["--jobs=2", "--no-owner", "--source=host=a", "--table=/c/", "--table=a.b"]);
    }

    #[test]
    fn the_command_line_wins() {
        assert!(with("jobs = 2\ntable = ['a']", &["-j", "8", "-t", "b"]).unwrap().is_empty());
    }

    #[test]
    fn an_unknown_option_is_named() {
        assert!(with("job = 2", &[]).unwrap_err().contains("'job' is no option of fdwcopy clone"));
        assert!(with("config = 'other'", &[]).is_err());
    }

    #[test]
    fn a_broken_file_is_named_and_its_secrets_are_not_shown() {
        let message = with("jobs = 2\nsource = 'password=hush", &[]).unwrap_err();
        assert!(
            message.contains("--config") && message.contains("line 2") && !message.contains("hush"),
            "{message}"
        );
    }
}
