/**
 * A person's own documents: files, folders and streams of text, Markdown, HTML, PDF, office files
 * and rows, read into texts with their headings and metadata; what cannot be read is told and never
 * ends the reading. The heavy parsers (Apache Tika, commonmark) are optional dependencies.
 */
@NullMarked
package io.polyseme.document;

import org.jspecify.annotations.NullMarked;
