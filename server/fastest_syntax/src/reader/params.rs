//! Parameters of functions and lambdas.

use super::tokens::{Kind, Token};
use super::{Parser, Read};
use crate::outline::{Name, Param, ParamKind};

impl Parser<'_> {
    /// Reads parameters up to `close` (the colon of a lambda, or the end), which is left.
    /// Those before an error are kept.
    pub(super) fn params_into(&mut self, close: Kind, params: &mut Vec<Param>) -> Read<()> {
        let mut keyword_only = false;
        while !self.at(close) {
            match self.token.kind {
                Kind::Slash => {
                    self.advance();
                    make_positional_only(params);
                }
                Kind::Star => {
                    self.advance();
                    keyword_only = true;
                    if self.at(Kind::Name) {
                        params.push(self.param(ParamKind::VarPositional, close)?);
                    }
                }
                Kind::DoubleStar => {
                    self.advance();
                    params.push(self.param(ParamKind::VarKeyword, close)?);
                }
                _ if keyword_only => params.push(self.param(ParamKind::KeywordOnly, close)?),
                _ => params.push(self.param(ParamKind::PositionalOrKeyword, close)?),
            }
            if !self.at(close) {
                self.expect(Kind::Comma)?;
            }
        }
        Ok(())
    }

    fn param(&mut self, kind: ParamKind, close: Kind) -> Read<Param> {
        let token = self.expect(Kind::Name)?;
        let name = self.bound_name(token);
        if close != Kind::Colon && self.eat(Kind::Colon) {
            self.skip_value(close)?;
        }
        let has_default = self.eat(Kind::Equal);
        if has_default {
            self.skip_value(close)?;
        }
        Ok(Param { name, kind, has_default })
    }

    fn bound_name(&self, token: Token) -> Name {
        Name { text: self.text(token).into(), span: self.span_from(token.start) }
    }

    /// Passes an annotation or a default, whose value nobody asks for.
    fn skip_value(&mut self, close: Kind) -> Read<()> {
        let (start, mut depth, mut lambdas) = (self.token.start, 0_u32, 0_u32);
        loop {
            let top = depth == 0;
            match self.token.kind {
                Kind::End | Kind::Bad => break,
                Kind::Comma | Kind::Equal if top && lambdas == 0 => break,
                Kind::Colon if top && lambdas == 0 && close == Kind::Colon => break,
                Kind::Colon if top => lambdas = lambdas.saturating_sub(1),
                Kind::Lambda if top => lambdas += 1,
                Kind::LeftParen | Kind::LeftBracket | Kind::LeftBrace => depth += 1,
                Kind::RightParen | Kind::RightBracket | Kind::RightBrace if top => break,
                Kind::RightParen | Kind::RightBracket | Kind::RightBrace => depth -= 1,
                _ => {}
            }
            self.advance();
        }
        if self.token.start == start { self.invalid() } else { Ok(()) }
    }
}

fn make_positional_only(params: &mut [Param]) {
    for param in params {
        if param.kind == ParamKind::PositionalOrKeyword {
            param.kind = ParamKind::PositionalOnly;
        }
    }
}
