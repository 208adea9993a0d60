import { placeProblems } from '../config/place-problems.js';
import { draftProblem, type Problem } from '../config/problem.js';
import { findTemplateMistake, type TemplateMistake } from '../render/text-template.js';
import { findOwnTemplateFile, loadOwnTemplates } from './load-templates.js';

/** What is no template among those that the folder of a config replaces, whether this config renders them or not. */
export async function findTemplateProblems(root: string): Promise<readonly Problem[]> {
  const templates = await loadOwnTemplates(root);
  const handlebars = [...templates].filter(([name]) => name.endsWith('.hbs'));
  return handlebars.flatMap(([name, text]) => {
    const mistake = findTemplateMistake(text);
    return mistake === undefined ? [] : placeMistake({ name, text, file: findOwnTemplateFile(root, name) }, mistake);
  });
}

interface OwnTemplate {
  readonly name: string;
  readonly text: string;
  readonly file: string;
}

function placeMistake({ name, text, file }: OwnTemplate, { what, line, column }: TemplateMistake): readonly Problem[] {
  const lines = text.split('\n').slice(0, line - 1);
  const start = lines.reduce((sum, each) => sum + each.length + 1, 0) + column;
  const span = { start, end: start + 1 };
  const drafts = [draftProblem('TEMPLATE_INVALID', { span }, [name, what])];
  return placeProblems(drafts, { file, source: { text, locate: () => span }, secrets: [] });
}
