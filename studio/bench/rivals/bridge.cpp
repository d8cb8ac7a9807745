// libime in a process of its own, as `rival.py` describes it: letters in, microseconds of each key and candidates out.
//
//   bridge DICTIONARY NBEST OFFERED
//
// Compiled by libime.py when it is needed; the language model is found by libime itself.

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <libime/core/languagemodel.h>
#include <libime/core/userlanguagemodel.h>
#include <libime/pinyin/pinyincontext.h>
#include <libime/pinyin/pinyindictionary.h>
#include <libime/pinyin/pinyinencoder.h>
#include <libime/pinyin/pinyinime.h>

using libime::PinyinFuzzyFlag;

int main(int argc, char **argv) {
    if (argc != 4) {
        std::cerr << "usage: bridge DICTIONARY NBEST OFFERED\n";
        return 2;
    }
    const size_t offered = std::strtoul(argv[3], nullptr, 10);
    auto model = libime::DefaultLanguageModelResolver::instance().languageModelFileForLanguage("zh_CN");
    libime::PinyinIME ime(std::make_unique<libime::PinyinDictionary>(),
                          std::make_unique<libime::UserLanguageModel>(model));
    ime.dict()->load(libime::PinyinDictionary::SystemDict, argv[1], libime::PinyinDictFormat::Binary);
    ime.setNBest(std::strtoul(argv[2], nullptr, 10));
    // What fcitx 5 switches on unless it is told otherwise.
    ime.setFuzzyFlags(libime::PinyinFuzzyFlags{PinyinFuzzyFlag::VE_UE, PinyinFuzzyFlag::CommonTypo,
                                               PinyinFuzzyFlag::Inner, PinyinFuzzyFlag::InnerShort,
                                               PinyinFuzzyFlag::PartialFinal});
    libime::PinyinContext context(&ime);
    std::cout << "ready" << std::endl;
    for (std::string letters; std::getline(std::cin, letters);) {
        context.clear();
        std::vector<std::string> candidates;
        std::string times;
        for (char letter : letters) {
            const auto began = std::chrono::steady_clock::now();
            context.type(std::string(1, letter));
            candidates.clear();
            for (const auto &candidate : context.candidates()) {
                if (candidates.size() == offered) {
                    break;
                }
                candidates.push_back(candidate.toString());
            }
            const auto took = std::chrono::steady_clock::now() - began;
            times += (times.empty() ? "" : ",") +
                     std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
        }
        std::cout << times;
        for (const auto &candidate : candidates) {
            std::cout << '\t' << candidate;
        }
        std::cout << std::endl;
    }
    return 0;
}
